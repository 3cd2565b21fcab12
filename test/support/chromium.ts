import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';

export const CHROMIUM = '/usr/bin/chromium';
/** Where the browser finds this machine, but not as loopback: browsers trust that more than any other name. */
const NETWORK_NAME = 'studio.test';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--host-resolver-rules=MAP ${NETWORK_NAME} 127.0.0.1`,
];

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the one Chromium of the run is reached; undefined where none is installed. */
    readonly browserEndpoint: string | undefined;
  }
}

/** Starts one Chromium for all workers of the project, and closes it when the last test is over. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (!existsSync(CHROMIUM)) {
    project.provide('browserEndpoint', undefined);
    return undefined;
  }
  const server = await chromium.launchServer({ executablePath: CHROMIUM, args: FLAGS, host: '127.0.0.1' });
  project.provide('browserEndpoint', server.wsEndpoint());
  return () => server.close();
}
