/** `rcsp-gateway simulator`. */
import { Command, InvalidArgumentError } from 'commander';
import { parseFault } from '../simulator/faults.js';
import type { FaultRule } from '../simulator/faults.js';
import type { runSimulator } from '../simulator/run.js';
import { wholeNumber } from './options.js';

export function simulatorCommand(print: (line: string) => void): Command {
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

function collectFault(text: string, known: readonly FaultRule[]): readonly FaultRule[] {
  try {
    return [...known, parseFault(text)];
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
