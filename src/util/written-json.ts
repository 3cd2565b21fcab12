/**
 * JSON as its sender wrote it, where reading and writing it again would change a number: `1.0` would become `1`,
 * `1e2` `100`, `-0.0` `0`, `9007199254740993` `9007199254740992` and `1e400` `null`.
 */

/** Only a text that matches may hold such a number. One pass, without backtracking over a digit twice. */
const SUSPECT = /\d[eE]|\.\d*0(?!\d)|-0|[\d.]{16}|0\.0{6}/;
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const STRING_OR_MARK = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]/g;

/** JSON texts of values, by the name of the member that holds them. */
export type WrittenMembers = ReadonlyMap<string, string>;

/** Whether valid JSON holds a number that JavaScript would write differently. */
export function holdsOddNumber(json: string): boolean {
  if (!SUSPECT.test(json)) return false;
  for (const [token] of json.matchAll(STRING_OR_NUMBER)) {
    if (!token.startsWith('"') && JSON.stringify(Number(token)) !== token) return true;
  }
  return false;
}

/**
 * The top-level members of a valid JSON object, each value as it is written; the last one when a name repeats, as
 * `JSON.parse` has it. Empty for any other value.
 */
export function writtenMembers(json: string): Map<string, string> {
  const members = new Map<string, string>();
  let depth = 0;
  let name = '';
  let start = 0;
  if (!json.trimStart().startsWith('{')) return members;
  for (const { 0: token, index } of json.matchAll(STRING_OR_MARK)) {
    if (token === '{' || token === '[') depth += 1;
    // A string ahead of a colon is a name; in front of anything else it is a value, and no colon follows.
    if (depth === 1 && token.startsWith('"') && start === 0) name = token;
    if (depth === 1 && token === ':') start = index + 1;
    if (depth === 1 && start > 0 && (token === ',' || token === '}')) {
      members.set(String(JSON.parse(name)), json.slice(start, index).trim());
      start = 0;
    }
    if (token === '}' || token === ']') depth -= 1;
  }
  return members;
}

/** The members of a JSON object that must be sent as they are written; undefined when there are none. */
export function oddMembers(json: string | undefined): WrittenMembers | undefined {
  if (json === undefined) return undefined;
  const odd = [...writtenMembers(json)].filter(([, value]) => holdsOddNumber(value));
  return odd.length === 0 ? undefined : new Map(odd);
}

/** `value` as JSON, with the members that `written` holds as they are written there. */
export function jsonWith(value: Readonly<Record<string, unknown>>, written: WrittenMembers): string {
  const members = Object.entries(value).flatMap(([name, each]) => {
    const text = written.get(name) ?? (each === undefined ? undefined : JSON.stringify(each));
    return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`];
  });
  return `{${members.join(',')}}`;
}
