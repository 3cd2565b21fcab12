/** The command blocks of the documents; docs/README.md describes the comments that may stand in front of one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';

export interface Step {
  readonly command: string;
  /** Lines that its output has, in this order; `…` stands for any text. */
  readonly expected: readonly string[];
}

export interface Block {
  readonly line: number;
  readonly steps: readonly Step[];
  /** It is ended when it has printed this. */
  readonly until: string | undefined;
  /** Why it is not run. */
  readonly notRun: string | undefined;
  readonly exitCodes: readonly number[];
}

const COMMANDS = ['sh', 'bash', 'console', 'powershell'];

/** Relative to the package's root. */
export function markdownFiles(): readonly string[] {
  const below = (folder: string): string[] =>
    readdirSync(join(PACKAGE_ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`);
  const top = readdirSync(PACKAGE_ROOT).filter((name) => name.endsWith('.md'));
  return [...top, ...below('docs'), ...below('examples')].sort();
}

export function textOf(file: string): string {
  return readFileSync(join(PACKAGE_ROOT, file), 'utf8');
}

export function blocksOf(text: string): readonly Block[] {
  const fences = text.matchAll(/((?:<!-- [^\n]* -->\n\s*)*)^```(\w*)\n(.*?)^```$/gms);
  return Array.from(fences, ({ 1: comments = '', 2: language = '', 3: code = '', index }) => ({
    language,
    block: blockOf(text.slice(0, index).split('\n').length, comments, language, code),
  }))
    .filter(({ language }) => COMMANDS.includes(language))
    .map(({ block }) => block);
}

function blockOf(line: number, comments: string, language: string, code: string): Block {
  const said = (pattern: RegExp): string | undefined => pattern.exec(comments)?.[1];
  return {
    line,
    steps: language === 'console' ? stepsOf(code) : [{ command: code, expected: [] }],
    until: said(/<!-- until: (.*?) -->/),
    notRun: said(/<!-- not run: (.*?) -->/),
    exitCodes: said(/<!-- exit code ([\d or]+) -->/)
      ?.split(' or ')
      .map(Number) ?? [0],
  };
}

/** `$ ` begins a command, which goes on while its lines end with a backslash; what follows is printed. */
function stepsOf(code: string): readonly Step[] {
  return code
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const lines = part.trimEnd().split('\n');
      const end = lines.findIndex((line) => !line.endsWith('\\'));
      const expected = lines.slice(end + 1).filter((line) => line.trim() !== '' && line.trim() !== '…');
      return { command: lines.slice(0, end + 1).join('\n'), expected };
    });
}

/** The first of `expected` that the output does not have behind the ones before it. */
export function firstMissing(expected: readonly string[], output: string): string | undefined {
  const lines = output.split(/\r?\n/);
  let at = 0;
  return expected.find((line) => {
    const parts = line.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const pattern = new RegExp(`^${parts.join('.*')}\\s*$`);
    const found = lines.findIndex((each, index) => index >= at && pattern.test(each));
    at = found + 1;
    return found < 0;
  });
}
