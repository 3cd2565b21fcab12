/** The gateway as it is by default, built, in front of the studio at the port given. */
import { answer } from '../lib/child.js';
import { buildApp } from '../../../dist/src/app.js';
import { loadConfig } from '../../../dist/src/config/config.js';
import { createLogger } from '../../../dist/src/util/log.js';

const config = loadConfig(
  { rcsp: `127.0.0.1:${process.argv[2]}`, listen: '127.0.0.1:0', logLevel: 'warn' },
  {},
);
const app = await buildApp(config, createLogger(config));
await app.listen({ ...config.listen });
while (!app.studios.default.upstream.pool.connected || !app.studios.default.upstream.events.connected)
  await new Promise((r) => setTimeout(r, 10));

answer({
  port: () => app.server.address().port,
  /** The most bytes that wait for one event client, in the gateway and on their way. */
  waiting: () =>
    Math.max(...Array.from(app.hub.subscribers, (each) => each.waitingBytes + each.sink.pendingBytes)),
});
