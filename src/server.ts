import type { AddressInfo, Server } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { buildApp } from './app.js';
import { ConfigError, fileWarnings, isLoopback } from './config/config.js';
import { formatAddress } from './util/address.js';
import type { Config } from './config/config.js';
import { listen } from './plugins/listen.js';
import { firstSignal } from './util/first-signal.js';
import { createLogger } from './util/log.js';

/** Milliseconds for answers that were settled by the end of the grace time. */
const LAST_ANSWERS_MS = 500;
/** Milliseconds at most for connections that came before the signal. */
const BACKLOG_MS = 500;

/** The gateway as a process: it runs until a signal ends it, and answers with the exit code. */
export async function serve(config: Config, print: (line: string) => void): Promise<number> {
  const log = createLogger(config);
  const signalled = firstSignal();
  // From the first moment: a signal that nobody takes ends the process.
  let reload = (): void => undefined;
  const onHangUp = (): void => reload();
  process.on('SIGHUP', onHangUp);
  const app = await buildApp(config, log);
  app.metrics.collectProcess();
  try {
    await listen(app, config.listen);
  } catch (error) {
    await app.close();
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`--listen ${formatAddress(config.listen)} cannot be: ${(error as Error).message}`);
  }
  const { port } = app.server.address() as AddressInfo;
  for (const line of [...warnings(config), ...fileWarnings(config)]) log.warn(line);
  if (config.simulate) print('the studio is SIMULATED: these are not real devices');
  const protocol = config.tlsCert === null ? 'http' : 'https';
  print(`listening on ${protocol}://${formatAddress({ host: config.listen.host, port })}`);

  reload = (): void => {
    log.info({ signal: 'SIGHUP' }, 'reading tokens and certificate anew');
    app.lifecycle.reload();
  };
  const signal = await signalled;
  log.info({ signal }, 'shutting down');
  // The pool ends at the grace time and settles what is left; those answers may still leave.
  const overdue = setTimeout(
    () => {
      log.warn('the grace time is over: closing what is still open');
      app.server.closeAllConnections();
    },
    config.grace * 1000 + LAST_ANSWERS_MS,
  );
  await backlogTaken(app.server);
  await app.close();
  clearTimeout(overdue);
  process.off('SIGHUP', onHangUp);
  log.info('stopped');
  return 0;
}

/**
 * Connections that the kernel has taken for us and that we have not seen yet would be reset, with the requests
 * that they bring: Node takes one a turn.
 */
async function backlogTaken(server: Server): Promise<void> {
  let quietTurns = 0;
  const onConnection = (): void => void (quietTurns = 0);
  server.on('connection', onConnection);
  const endsAt = performance.now() + BACKLOG_MS;
  while (quietTurns < 3 && performance.now() < endsAt) {
    await setImmediate();
    quietTurns += 1;
  }
  server.off('connection', onConnection);
}

/** What an operator should know who has just opened a studio to a network. */
function warnings({ auth, listen, tlsCert, trustProxy }: Config): string[] {
  if (isLoopback(listen.host)) {
    const isOpen = auth === 'offered' && trustProxy.length > 0;
    return isOpen ? ['without --tokens, everybody behind the proxy may do everything'] : [];
  }
  const everybody =
    auth === 'off' ? ['--no-auth: everybody who can reach the gateway commands the studio'] : [];
  const isPlain = tlsCert === null && trustProxy.length === 0 && auth !== 'off';
  return isPlain
    ? ['tokens travel unencrypted: use --tls-cert and --tls-key, or a proxy with TLS']
    : everybody;
}
