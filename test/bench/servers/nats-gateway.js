/** An origin (`origin <hub> <studio's port> <name>`) or an edge (`edge <hub> - <name>`), built. */
import { answer } from '../lib/child.js';
import { buildApp } from '../../../dist/src/app.js';
import { loadConfig } from '../../../dist/src/config/config.js';
import { createLogger } from '../../../dist/src/util/log.js';

const [role, hub, port, name] = process.argv.slice(2);
const place = role === 'edge' ? { edge: true } : { studio: [`stage=127.0.0.1:${port}`] };
const config = loadConfig(
  { ...place, nats: [hub], natsName: name, listen: '127.0.0.1:0', logLevel: 'error' },
  {},
);
const app = await buildApp(config, createLogger(config));
await app.listen({ ...config.listen });
while (app.studios.get('stage')?.upstream.state !== 'connected') await new Promise((r) => setTimeout(r, 10));

answer({ port: () => app.server.address().port });
