/** Simulated light arrays: several at once, and as a process. */
import { formatAddress } from '../../util/address.js';
import type { LightFault } from './light-faults.js';
import { LightSimulator } from './light-simulator.js';

export interface LightSimulatorsOptions {
  readonly nodes: number;
  /** 127.0.0.1 when absent. */
  readonly host?: string;
  /** Of the first one, the others follow; 0 or absent: free ones. */
  readonly port?: number;
  readonly speed?: number;
  readonly fault?: readonly LightFault[];
}

/** Rejects, with none left, when a port cannot be had. */
export async function startLightSimulators(
  options: LightSimulatorsOptions,
): Promise<readonly LightSimulator[]> {
  const { nodes, port = 0, fault: faults = [], ...rest } = options;
  const started = Array.from(
    { length: nodes },
    (_, index) => new LightSimulator({ ...rest, index, faults, port: port === 0 ? 0 : port + index }),
  );
  try {
    for (const each of started) await each.listen();
    return started;
  } catch (error) {
    await Promise.all(started.map((each) => each.close()));
    throw error;
  }
}

/** Runs until a signal ends it, and answers with the exit code. */
export async function runLightSimulators(
  options: LightSimulatorsOptions,
  print: (line: string) => void,
): Promise<number> {
  const ended = new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  // There is nothing to read anew.
  process.on('SIGHUP', () => undefined);
  let started: readonly LightSimulator[];
  try {
    started = await startLightSimulators(options);
  } catch (error) {
    process.stderr.write(`rcsp-gateway: ${(error as Error).message}\n`);
    return 1;
  }
  for (const { address } of started) print(`light array listening on ${formatAddress(address)}`);
  await ended;
  await Promise.all(started.map((each) => each.close()));
  return 0;
}
