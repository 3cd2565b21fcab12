/** The gateway in front of several studios, at the ports given as arguments. */
import { Writable } from 'node:stream';
import pino from 'pino';
import { answer } from '../lib/child.js';
import { buildApp } from '../../../dist/src/app.js';
import { loadConfig } from '../../../dist/src/config/config.js';

let lines = 0;
const log = new Writable({
  write(_chunk, _encoding, done) {
    lines += 1;
    done();
  },
});
const started = performance.now();
const studio = process.argv.slice(2).map((port, i) => `studio-${i + 1}=127.0.0.1:${port}`);
const config = loadConfig({ studio, listen: '127.0.0.1:0' }, {});
const app = await buildApp(config, pino({ level: 'info' }, log));
await app.listen({ ...config.listen });
const listening = performance.now() - started;

answer({
  /** Milliseconds until it listens. */
  listening: () => listening,
  /** Milliseconds until every studio is connected. */
  async connected() {
    while (!app.studios.all.every(({ upstream }) => upstream.state === 'connected'))
      await new Promise((resolve) => setTimeout(resolve, 2));
    return performance.now() - started;
  },
  /** Lines of the log so far. */
  lines: () => lines,
});
