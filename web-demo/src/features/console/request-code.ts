/** A request in the languages that people use. Pure. None holds a token: each reads it from its surroundings. */
import { isObject } from './json.js';
import type { JsonObject } from './json.js';
import type { Operation } from './operations.js';
import { curlLine, pruned } from './request.js';
import type { ConsoleRequest } from './request.js';

export const LANGUAGES = ['curl', 'fetch', 'Browser client', 'Python'] as const;
export type Language = (typeof LANGUAGES)[number];

export interface CodeInput {
  readonly operation: Operation;
  /** The form's data. */
  readonly data: JsonObject;
  readonly request: ConsoleRequest;
  /** Of the request. */
  readonly url: string;
  /** Of the gateway, or of the studio behind it. */
  readonly baseUrl: string;
  readonly needsToken: boolean;
}

export function codeOf(language: Language, input: CodeInput): string {
  switch (language) {
    case 'curl':
      return curlLine(input.request, input.url, input.needsToken);
    case 'fetch':
      return fetchCode(input);
    case 'Browser client':
      return clientCode(input);
    case 'Python':
      return pythonCode(input);
  }
}

/** Where each expects the token. */
export const TOKEN_HINTS: Readonly<Record<Language, string>> = {
  curl: 'Put your token into the shell’s variable TOKEN before.',
  fetch: 'Put your token into the variable token before.',
  'Browser client': 'Put your token into the variable token before.',
  Python: 'Put your token into the environment variable TOKEN before.',
};

function fetchCode({ request: { method, headers, body }, url, needsToken }: CodeInput): string {
  const lines = Object.entries(headers).map(([name, value]) => `${keyOf(name)}: ${JSON.stringify(value)},`);
  if (needsToken) lines.push('authorization: `Bearer ${token}`,');
  const options = [
    ...(method === 'GET' ? [] : [`  method: ${JSON.stringify(method)},`]),
    ...(lines.length === 0 ? [] : ['  headers: {', ...lines.map((line) => `    ${line}`), '  },']),
    ...(body === undefined ? [] : [`  body: JSON.stringify(${indented(body, '  ')}),`]),
  ];
  const call =
    options.length === 0
      ? [`const response = await fetch(${JSON.stringify(url)});`]
      : [`const response = await fetch(${JSON.stringify(url)}, {`, ...options, '});'];
  return [...call, 'console.log(response.status, await response.text());'].join('\n');
}

function clientCode({ operation, data, baseUrl, needsToken }: CodeInput): string {
  const options = needsToken
    ? `{ url: ${JSON.stringify(baseUrl)}, token }`
    : `{ url: ${JSON.stringify(baseUrl)} }`;
  const call = `${JSON.stringify(operation.command)}, ${indented(argumentsOf(operation, data), '')}`;
  return [
    `import { RcspClient } from ${JSON.stringify(`${rootOf(baseUrl)}client.js`)};`,
    '',
    `const client = new RcspClient(${options});`,
    `console.log(await client.call(${call}));`,
    'client.close();',
  ].join('\n');
}

function pythonCode({ request: { method, headers, body }, url, needsToken }: CodeInput): string {
  const lines = Object.entries(headers).map(([name, value]) => `${pythonOf(name)}: ${pythonOf(value)},`);
  if (needsToken) lines.push(`"authorization": "Bearer " + os.environ["TOKEN"],`);
  const modules = ['json', ...(needsToken ? ['os'] : []), 'urllib.request'].filter(
    (name) => name !== 'json' || body !== undefined,
  );
  return [
    ...modules.map((name) => `import ${name}`),
    '',
    'request = urllib.request.Request(',
    `    ${pythonOf(url)},`,
    `    method=${pythonOf(method)},`,
    ...(lines.length === 0 ? [] : ['    headers={', ...lines.map((line) => `        ${line}`), '    },']),
    ...(body === undefined ? [] : [`    data=json.dumps(${pythonOf(body)}).encode(),`]),
    ')',
    'with urllib.request.urlopen(request) as response:',
    '    print(response.status, response.read().decode())',
  ].join('\n');
}

/** A discovered command has its arguments one level below. */
function argumentsOf({ isDiscovered, schema }: Operation, data: JsonObject): JsonObject {
  const filled = pruned(data, schema);
  const given = isObject(filled) ? filled : {};
  if (!isDiscovered) return given;
  return isObject(given['Arguments']) ? given['Arguments'] : {};
}

/** The client is served by the gateway itself, not below a studio. */
function rootOf(baseUrl: string): string {
  return baseUrl.replace(/studios\/[^/]+\/$/, '');
}

function keyOf(name: string): string {
  return /^[a-z]\w*$/i.test(name) ? name : JSON.stringify(name);
}

function indented(value: unknown, indent: string): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`);
}

/** A JSON value as a literal of Python. */
export function pythonOf(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(pythonOf).join(', ')}]`;
  if (isObject(value)) {
    const entries = Object.entries(value).map(([key, each]) => `${pythonOf(key)}: ${pythonOf(each)}`);
    return `{${entries.join(', ')}}`;
  }
  return JSON.stringify(value);
}
