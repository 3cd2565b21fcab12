#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { call, EXIT } from './call.js';
import { ConfigError, loadConfig } from '../config/config.js';
import type { Values } from '../config/config.js';
import { SETTINGS } from '../config/settings.js';
import { completionCommand } from './completion.js';
import { doctorCommand } from './doctor.js';
import { lightsCommand, lightsSimulatorCommand } from './lights-command.js';
import { cacertOption, studioOption, tokenOption, urlOption, wholeNumber } from './options.js';
import { relayCommand, relayTokenCommand } from './relay-command.js';
import { addSettings, saidSettings } from './setting-options.js';
import { tokenCommand } from './token.js';
import { printable, printableLine } from '../util/printable.js';
import { VERSION } from '../util/package-info.js';
import { watch } from './watch.js';
import { isWithoutCommand, INTRODUCTION } from './introduction.js';
import { parseFault } from '../simulator/faults.js';
import type { FaultRule } from '../simulator/faults.js';
import type { runSimulator } from '../simulator/run.js';
import type { RemoteOptions } from './remote.js';
import { parseCursor } from '../wire/cursor.js';

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Escapes control characters of text from the gateway; in JSON an escape has the same meaning. */
function printSafely(line: string): void {
  print(printable(line));
}

/** Ignores EPIPE: the reader (`head`) may have closed its end. */
function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

function program(): Command {
  const root = new Command('rcsp-gateway')
    .description("REST, OpenAPI and events in front of a motion-capture studio's RCSP server")
    .version(VERSION)
    .showHelpAfterError('(--help tells what there is)');
  root.commandsGroup('Gateway:');
  root.addCommand(serveCommand(), { isDefault: true });
  root.addCommand(doctorCommand(print));
  root.addCommand(tokenCommand(print));
  root.commandsGroup('Use a running gateway:');
  root.addCommand(callCommand());
  root.addCommand(watchCommand());
  root.addCommand(lightsCommand());
  root.commandsGroup('Without hardware:');
  root.addCommand(simulatorCommand());
  root.addCommand(lightsSimulatorCommand(print));
  root.commandsGroup('Reach a studio from elsewhere:');
  root.addCommand(relayCommand(print));
  root.addCommand(relayTokenCommand(print));
  root.commandsGroup('Other:').helpCommand('help [command]', 'show the help of a command');
  root.addCommand(completionCommand(root, print));
  return root;
}

function serveCommand(): Command {
  const command = new Command('serve').description('run the gateway (the default)');
  addSettings(command, SETTINGS);
  command.argument('[nothing...]').allowExcessArguments(false);
  return command.action(async (words: string[], flags: Values) => {
    if (words[0] !== undefined) {
      throw new ConfigError(`there is no command "${words[0]}", and serve takes no arguments; see --help`);
    }
    const config = loadConfig(saidSettings(flags), process.env);
    // `call` must not wait for the gateway's modules to load.
    const { serve } = await import('../server.js');
    process.exitCode = await serve(config, print);
  });
}

function simulatorCommand(): Command {
  return new Command('simulator')
    .description('run the simulator alone: a plain RCSP server')
    .option(
      '--host <host>',
      'where to listen; localhost is 127.0.0.1 and, where there is IPv6, ::1',
      'localhost',
    )
    .option('--port <port>', 'where to listen; 0 picks a free port', wholeNumber(0, 65535), 45451)
    .option('--devices <n>', 'how many devices there are', wholeNumber(0, 1000), 4)
    .option('--seed <n>', 'what chance starts from', wholeNumber(0, 2 ** 31), 1)
    .option('--event-rate <n>', 'events a second, beside the ordinary ones', wholeNumber(0, 1_000_000), 0)
    .option('--speed <factor>', 'how many times faster slow things go', wholeNumber(1, 1000), 1)
    .option('--no-events', 'send no events by itself')
    .option(
      '--fault <rule>',
      'misbehave: hang, drop, garble, late:<ms>, split or error:<code>, then =<command> and *<times>; repeatable',
      collectFault,
      [],
    )
    .action(async (options: Parameters<typeof runSimulator>[0]) => {
      const simulator = await import('../simulator/run.js');
      process.exitCode = await simulator.runSimulator(options, print);
    });
}

function callCommand(): Command {
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

function watchCommand(): Command {
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
        print: options.json && !process.stdout.isTTY ? print : printSafely,
        say,
      });
    });
}

function collectFault(text: string, known: readonly FaultRule[]): readonly FaultRule[] {
  try {
    return [...known, parseFault(text)];
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/** Subcommands do not inherit commander's `exitOverride`: each one must throw instead of exiting. */
function throwing(command: Command): Command {
  command.exitOverride();
  command.configureOutput({ outputError: (text, write) => write(printable(text)) });
  command.commands.forEach(throwing);
  return command;
}

process.stdout.on('error', ignoreBrokenPipe);
process.stderr.on('error', ignoreBrokenPipe);
try {
  if (isWithoutCommand(process.argv.slice(2), process.stdout.isTTY)) print(INTRODUCTION);
  else await throwing(program()).parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
  } else if (error instanceof ConfigError) {
    process.stderr.write(`rcsp-gateway: ${printableLine(error.message)}\n`);
    process.exitCode = EXIT.usage;
  } else {
    throw error;
  }
}
