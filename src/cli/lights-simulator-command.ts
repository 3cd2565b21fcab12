/** `rcsp-gateway lights-simulator`. */
import { Command, InvalidArgumentError } from 'commander';
import { parseLightFault } from '../simulator/lights/light-faults.js';
import type { LightFault } from '../simulator/lights/light-faults.js';
import type { runLightSimulators } from '../simulator/lights/run-light-simulator.js';
import { wholeNumber } from './options.js';

export function lightsSimulatorCommand(print: (line: string) => void): Command {
  return new Command('lights-simulator')
    .description('run simulated light arrays, which speak pycom')
    .option('--nodes <n>', 'how many', wholeNumber(1, 64), 2)
    .option('--host <host>', 'where to listen', '127.0.0.1')
    .option(
      '--port <port>',
      'of the first one, the others follow; 0 picks free ports',
      wholeNumber(0, 65535),
      5001,
    )
    .option('--speed <factor>', 'how many times faster they go', wholeNumber(1, 1000), 1)
    .option(
      '--fault <rule>',
      'misbehave: silent, mute, error, stderr, late:<ms> or endless, then =uSeq or =runSeq and *<times>; repeatable',
      collectFault,
      [],
    )
    .action(async (options: Parameters<typeof runLightSimulators>[0]) => {
      const simulator = await import('../simulator/lights/run-light-simulator.js');
      process.exitCode = await simulator.runLightSimulators(options, print);
    });
}

function collectFault(text: string, known: readonly LightFault[]): readonly LightFault[] {
  try {
    return [...known, parseLightFault(text)];
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
