/** `rcsp-gateway lights`. */
import { readFileSync } from 'node:fs';
import { Argument, Command } from 'commander';
import { ConfigError } from '../config/config-error.js';
import { printable } from '../util/printable.js';
import { decodeText, TextEncodingError } from '../util/text-file.js';
import { request } from './call.js';
import type { RemoteRequest } from './call.js';
import { cacertOption, tokenOption, urlOption, wholeNumber } from './options.js';
import { parsedJson } from './remote.js';
import type { RemoteOptions } from './remote.js';

type Options = RemoteOptions & { readonly wait?: number };

export function lightsCommand(): Command {
  const lights = new Command('lights').description('show and use light arrays through a running gateway');
  add(lights, 'list', 'list them (the default)', () => ({ method: 'GET', path: 'v1/lights' }), true);
  add(lights, 'show <node>', 'show one', (node) => at(node, '', 'GET'));
  add(lights, 'model-light <node> <power>', 'set the model light, 0 to 100 %', (node, power) =>
    at(node, '/model-light', 'PUT', { power: powerOf(power) }),
  );
  for (const what of ['fan', 'polarizer'])
    add(lights, `${what} <node> <state>`, `switch the ${what} on or off`, (node, state) =>
      at(node, `/${what}`, 'PUT', { on: isOn(state) }),
    );
  add(
    lights,
    'sequence <node> [file]',
    'upload a sequence, JSON with steps (- is standard input), or show it',
    (node, file) =>
      file === '' ? at(node, '/sequence', 'GET') : at(node, '/sequence', 'PUT', readSequence(file)),
  );
  add(lights, 'run <node>', 'run the uploaded sequence to its end', (node) =>
    at(node, '/sequence/run', 'POST'),
  );
  add(
    lights,
    'shell <node> <command>',
    'run a shell command, where --lights-shell allows it',
    (node, command) => at(node, '/commands', 'POST', { command }),
  );
  return lights;
}

type Maker = (first: string, second: string) => RemoteRequest;

function add(lights: Command, usage: string, description: string, make: Maker, isDefault = false): void {
  const [name = '', ...words] = usage.split(' ');
  const command = new Command(name).description(description);
  for (const word of words) command.addArgument(new Argument(word));
  command
    .addOption(urlOption())
    .addOption(tokenOption())
    .addOption(cacertOption())
    .option('--wait <seconds>', 'how long it may take', wholeNumber(1, 86_400))
    .action(async () => {
      const [first = '', second = ''] = command.args;
      const { exitCode, stdout, stderr } = await request(make(first, second), command.opts<Options>());
      process.stdout.write(process.stdout.isTTY ? printable(stdout) : stdout);
      process.stderr.write(stderr);
      process.exitCode = exitCode;
    });
  lights.addCommand(command, { isDefault });
}

function at(node: string, rest: string, method: RemoteRequest['method'], body?: object): RemoteRequest {
  return {
    method,
    path: `v1/lights/${encodeURIComponent(node)}${rest}`,
    body: body === undefined ? undefined : JSON.stringify(body),
  };
}

function powerOf(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) <= 100) return Number(text);
  throw new ConfigError(`the power must be a whole number from 0 to 100, not ${JSON.stringify(text)}`);
}

function isOn(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new ConfigError(`the state must be on or off, not ${JSON.stringify(text)}`);
}

/** As it was written, or as the list of its steps alone. */
function readSequence(file: string): object {
  let json: unknown;
  try {
    json = parsedJson(decodeText(readFileSync(file === '-' ? 0 : file)));
  } catch (error) {
    const reason =
      error instanceof TextEncodingError ? error.message : `cannot be read: ${(error as Error).message}`;
    throw new ConfigError(`${file} ${reason}`);
  }
  if (typeof json !== 'object' || json === null) throw new ConfigError(`${file} holds no sequence as JSON`);
  return Array.isArray(json) ? { steps: json } : json;
}
