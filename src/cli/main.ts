#!/usr/bin/env node
import { CommanderError } from 'commander';
import { ConfigError } from '../config/config-error.js';
import { printableLine } from '../util/printable.js';
import { EXIT } from './exit.js';
import { INTRODUCTION, isWithoutCommand } from './introduction.js';
import { programFor } from './program.js';

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Ignores EPIPE: the reader (`head`) may have closed its end. */
function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

process.stdout.on('error', ignoreBrokenPipe);
process.stderr.on('error', ignoreBrokenPipe);
try {
  const words = process.argv.slice(2);
  if (isWithoutCommand(words, process.stdout.isTTY)) print(INTRODUCTION);
  else await (await programFor(words, print)).parseAsync();
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
