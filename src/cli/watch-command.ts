/** The options of `rcsp-gateway watch`. */
import { Command } from 'commander';
import { ConfigError } from '../config/config-error.js';
import { printable } from '../util/printable.js';
import { parseCursor } from '../wire/cursor.js';
import { cacertOption, studioOption, tokenOption, urlOption } from './options.js';
import type { RemoteOptions } from './remote.js';
import { watch } from './watch.js';

/** Escapes control characters of text from the gateway; in JSON an escape has the same meaning. */
function safely(print: (line: string) => void): (line: string) => void {
  return (line) => print(printable(line));
}

export function watchCommand(print: (line: string) => void): Command {
  return new Command('watch')
    .description('print events as they come; reconnects, and says what it missed')
    .argument(
      '<channels...>',
      'Publisher/Topic or devices/<DeviceId>/Publisher/Topic, studios/<name>/ in front; * for a whole level, in quotes',
    )
    .addOption(urlOption())
    .addOption(studioOption())
    .addOption(tokenOption())
    .addOption(cacertOption())
    .option('--json', 'every message as the gateway sent it, one a line', false)
    .option('--since <cursor>', 'begin after this place')
    .action(async (channels: string[], options: RemoteOptions & { json: boolean; since?: string }) => {
      if (options.since !== undefined && parseCursor(options.since) === undefined)
        throw new ConfigError(`--since ${options.since} is not a cursor, <epoch>:<seq>`);
      const ended = new AbortController();
      const end = (): void => ended.abort();
      process.once('SIGINT', end);
      process.once('SIGTERM', end);
      // The reader (`head`) closed its end.
      process.stdout.once('error', end);
      const say = (line: string): void => void process.stderr.write(`rcsp-gateway: ${line}\n`);
      process.exitCode = await watch(channels, {
        ...options,
        signal: ended.signal,
        print: options.json && !process.stdout.isTTY ? print : safely(print),
        say,
      });
    });
}
