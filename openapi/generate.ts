/** Writes openapi/openapi.json, the document without a studio; `--check` fails when it has drifted. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { buildApp } from '../src/app.js';
import { loadConfig } from '../src/config.js';
import { PACKAGE_ROOT } from '../src/package-info.js';

export const OPENAPI_FILE = join(PACKAGE_ROOT, 'openapi', 'openapi.json');

/** The document as it is written. The app is never started: no socket is opened. */
export async function generateOpenapi(): Promise<string> {
  const app = await buildApp(loadConfig({}, {}), pino({ level: 'silent' }));
  await app.ready();
  const document = app.swagger();
  await app.close();
  return `${JSON.stringify(document, null, 2)}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const text = await generateOpenapi();
  if (!process.argv.includes('--check')) writeFileSync(OPENAPI_FILE, text);
  else if (readFileSync(OPENAPI_FILE, 'utf8') !== text) {
    process.stderr.write('openapi/openapi.json has drifted: npm run openapi writes it anew\n');
    process.exitCode = 1;
  }
}
