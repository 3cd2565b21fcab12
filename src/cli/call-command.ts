/** The options of `rcsp-gateway call`. */
import { Command } from 'commander';
import { printable } from '../util/printable.js';
import { call } from './call.js';
import { EXIT } from './exit.js';
import { cacertOption, studioOption, tokenOption, urlOption, wholeNumber } from './options.js';
import type { RemoteOptions } from './remote.js';

export function callCommand(): Command {
  return new Command('call')
    .description('call one command through a running gateway and print its answer as JSON')
    .argument('<command>', "RCSP's name of the command")
    .argument(
      '[arguments...]',
      'key=value; JSON where it is JSON, @file reads JSON from a file, @- from standard input',
    )
    .addOption(urlOption())
    .addOption(studioOption())
    .addOption(tokenOption())
    .addOption(cacertOption())
    .option('--wait <seconds>', 'how long the command may take', wholeNumber(1, 86_400))
    .option('--command-version <n>', 'version of the command', wholeNumber(1, 1000))
    .addHelpText(
      'after',
      `\nExit codes: ${EXIT.ok} done, ${EXIT.refused} refused, ${EXIT.usage} bad command line, ` +
        `${EXIT.notSent} not sent (safe to repeat), ${EXIT.noAnswer} no answer (it may have run).`,
    )
    .action(
      async (
        name: string,
        pairs: string[],
        options: RemoteOptions & { wait?: number; commandVersion?: number },
      ) => {
        const { exitCode, stdout, stderr } = await call(name, pairs, {
          url: options.url,
          token: options.token,
          cacert: options.cacert,
          studio: options.studio,
          wait: options.wait,
          version: options.commandVersion,
        });
        process.stdout.write(process.stdout.isTTY ? printable(stdout) : stdout);
        process.stderr.write(stderr);
        process.exitCode = exitCode;
      },
    );
}
