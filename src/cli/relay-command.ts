/** `rcsp-gateway relay` and `rcsp-gateway relay-token`. */
import { Command, InvalidArgumentError } from 'commander';
import {
  createJoinToken,
  defaultJoinTokenFile,
  idOf,
  readJoinTokens,
  revokeJoinTokens,
} from '../access/join-token-file.js';
import { isRelayName, RELAY_NAME_REASON } from '../access/relay-name.js';
import type { Values } from '../config/load-settings.js';
import { loadRelayConfig } from '../config/relay-config.js';
import { RELAY_SERVER_SETTINGS } from '../config/relay-server-settings.js';
import { variableOf } from '../config/setting-names.js';
import { addSettings } from './setting-options.js';
import { aligned, expiryText, inWords, parseExpiry } from './token.js';

type Print = (line: string) => void;

interface FileOption {
  readonly relayTokens: string;
}

export function relayCommand(print: Print): Command {
  const command = new Command('relay').description(
    'run a relay, through which gateways that only dial out can be reached',
  );
  addSettings(command, RELAY_SERVER_SETTINGS);
  return command.action(async (flags: Values) => {
    const config = loadRelayConfig(flags, process.env);
    const { runRelay } = await import('../relay/relay-server.js');
    process.exitCode = await runRelay(config, print);
  });
}

export function relayTokenCommand(print: Print): Command {
  const command = new Command('relay-token').description(
    'make, list and revoke the join tokens by which gateways join a relay',
  );
  command.addCommand(create(print));
  command.addCommand(list(print));
  command.addCommand(revoke(print));
  return command;
}

function create(print: Print): Command {
  return withFile('create', 'make a join token and print it; it is kept as a hash and cannot be shown again')
    .requiredOption('--name <name>', 'the name under which its gateway may join', parseName)
    .option(
      '--expires <when>',
      'after 30m, 12h, 30d or 8w, or at a date such as 2027-01-31; never when left out',
      parseExpiry,
    )
    .action(({ name, expires, relayTokens }: FileOption & { name: string; expires?: Date }) => {
      print(inWords(() => createJoinToken(relayTokens, name, expires ?? null)));
    });
}

function list(print: Print): Command {
  return withFile('list', 'list the join tokens: name, id, made, expires').action(
    ({ relayTokens }: FileOption) => {
      const now = Date.now();
      const rows = inWords(() => readJoinTokens(relayTokens)).map((entry) => [
        entry.name,
        idOf(entry),
        entry.createdAt,
        expiryText(entry.expiresAt, now),
      ]);
      for (const line of aligned([['NAME', 'ID', 'MADE', 'EXPIRES'], ...rows])) print(line);
    },
  );
}

function revoke(print: Print): Command {
  return withFile('revoke', 'make join tokens worthless, and end their lines at a relay that runs')
    .argument('<name or id>', 'a name for all of its tokens, an id for one')
    .action((nameOrId: string, { relayTokens }: FileOption) => {
      const count = inWords(() => revokeJoinTokens(relayTokens, nameOrId));
      print(`revoked ${nameOrId}${count === 1 ? '' : ` (${count} tokens)`}`);
    });
}

function withFile(name: string, description: string): Command {
  const file = process.env[variableOf('relayTokens')] || defaultJoinTokenFile(process.env);
  return new Command(name)
    .description(description)
    .option('--relay-tokens <file>', 'where join tokens are kept', file);
}

function parseName(text: string): string {
  if (isRelayName(text)) return text;
  throw new InvalidArgumentError(RELAY_NAME_REASON);
}
