/** Writes the documents of the HTTP routes and of the events, without a studio; `--check` fails on drift. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { buildApp } from '../src/app.js';
import { loadConfig } from '../src/config/config.js';
import { PACKAGE_ROOT, VERSION } from '../src/util/package-info.js';
import { asyncapiDocument } from '../src/openapi/asyncapi.js';

const FOLDER = join(PACKAGE_ROOT, 'openapi');
export const OPENAPI_FILE = join(FOLDER, 'openapi.json');
export const ASYNCAPI_FILE = join(FOLDER, 'asyncapi.json');

/** The document as it is written. The app is never started: no socket is opened. */
export async function generateOpenapi(): Promise<string> {
  const app = await buildApp(loadConfig({}, {}), pino({ level: 'silent' }));
  await app.ready();
  const document = app.swagger();
  await app.close();
  return written(document);
}

export function generateAsyncapi(): string {
  return written(asyncapiDocument(VERSION));
}

function written(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const files = [
    [OPENAPI_FILE, await generateOpenapi()],
    [ASYNCAPI_FILE, generateAsyncapi()],
  ] as const;
  for (const [file, text] of files) {
    if (!process.argv.includes('--check')) writeFileSync(file, text);
    else if (readFileSync(file, 'utf8') !== text) {
      process.stderr.write(`${file} has drifted: npm run openapi writes it anew\n`);
      process.exitCode = 1;
    }
  }
}
