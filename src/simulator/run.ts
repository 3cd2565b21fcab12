import { Simulator } from './simulator.js';
import type { SimulatorOptions } from './simulator.js';

/** Runs the simulator until a signal or `GracefulExit`, and returns the exit code. */
export async function runSimulator(
  options: SimulatorOptions & { readonly fault?: SimulatorOptions['faults'] },
  print: (line: string) => void,
): Promise<number> {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const simulator = new Simulator({ ...options, faults: options.fault ?? [], onExit: () => end() });
  // SIGHUP must not end the process: there are no settings to reload.
  process.on('SIGHUP', () => undefined);
  process.once('SIGTERM', () => end());
  process.once('SIGINT', () => end());
  try {
    const { host, port } = await simulator.listen();
    print(`simulator listening on ${host.includes(':') ? `[${host}]` : host}:${port}`);
  } catch (error) {
    process.stderr.write(`rcsp-gateway: ${(error as Error).message}\n`);
    await simulator.close();
    return 1;
  }
  await ended;
  await simulator.close();
  return 0;
}
