/** `key=value` of the command line as the JSON of a command's arguments, every number as it was written. */
import { jsonRejection } from '../util/client-json.js';
import { readTextFile, TextEncodingError } from '../util/text-file.js';
import { parsedJson } from './remote.js';
import { TEXT_ARGUMENTS } from './text-arguments.js';

/**
 * A value is text where the command wants text, else JSON, else text; `@path` reads a file, `@-` standard input. The
 * last one of a key counts.
 *
 * @throws Error with one line for the user
 */
export function argumentsJson(name: string, pairs: readonly string[]): string {
  const texts = TEXT_ARGUMENTS.get(name) ?? [];
  const members = new Map(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new Error(`"${pair}" is not key=value`);
      const key = pair.slice(0, at);
      return [key, valueJson(key, pair.slice(at + 1), texts.includes(key))];
    }),
  );
  return `{${Array.from(members, ([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
}

function valueJson(key: string, text: string, isText: boolean): string {
  if (isText) return JSON.stringify(text);
  if (text.startsWith('@')) return fileJson(key, text.slice(1));
  const value = parsedJson(text);
  return value === undefined ? JSON.stringify(text) : checkedJson(key, value, text);
}

function fileJson(key: string, path: string): string {
  let text: string;
  let value: unknown;
  try {
    text = readTextFile(path === '-' ? 0 : path);
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof TextEncodingError)
      throw new Error(`${key}: ${path} ${error.message}`, { cause: error });
    throw new Error(`${key}: ${path} cannot be read as JSON: ${(error as Error).message}`, { cause: error });
  }
  return checkedJson(key, value, text);
}

function checkedJson(key: string, value: unknown, text: string): string {
  const unfit = jsonRejection(value);
  if (unfit !== undefined) throw new Error(`${key} ${unfit}`);
  return text.trim();
}
