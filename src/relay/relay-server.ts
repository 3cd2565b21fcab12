import type { AddressInfo } from 'node:net';
import { ConfigError } from '../config/config.js';
import type { RelayConfig } from '../config/relay-config.js';
import { listen } from '../plugins/listen.js';
import { formatAddress } from '../util/address.js';
import { firstSignal } from '../util/first-signal.js';
import { createLogger } from '../util/log.js';
import { buildRelay } from './relay-app.js';

/** Milliseconds for answers that were settled by the end of the grace time. */
const LAST_ANSWERS_MS = 500;

/** The relay as a process: it runs until a signal ends it, and answers with the exit code. */
export async function runRelay(config: RelayConfig, print: (line: string) => void): Promise<number> {
  const log = createLogger(config);
  const signalled = firstSignal();
  let reload = (): void => undefined;
  const onHangUp = (): void => reload();
  process.on('SIGHUP', onHangUp);
  const app = await buildRelay(config, log);
  app.relayMetrics.collectProcess();
  try {
    await listen(app, config.listen);
  } catch (error) {
    await app.close();
    throw new ConfigError(`--listen ${formatAddress(config.listen)} cannot be: ${(error as Error).message}`);
  }
  const { port } = app.server.address() as AddressInfo;
  print(
    `listening on ${config.tlsCert === null ? 'http' : 'https'}://${formatAddress({ ...config.listen, port })}`,
  );
  reload = (): void => {
    log.info({ signal: 'SIGHUP' }, 'reading join tokens and certificate anew');
    app.lifecycle.reload();
  };
  const signal = await signalled;
  log.info({ signal }, 'shutting down');
  const overdue = setTimeout(() => app.server.closeAllConnections(), config.grace * 1000 + LAST_ANSWERS_MS);
  await app.close();
  clearTimeout(overdue);
  process.off('SIGHUP', onHangUp);
  log.info('stopped');
  return 0;
}
