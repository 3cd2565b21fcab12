import type { Values } from '../../src/config/config.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { startGateway, startSimulator, until } from './gateway.js';
import type { Gateway } from './gateway.js';

/** A gateway in front of several studios, each a simulator of its own. */
export interface Stage<Name extends string> {
  readonly gateway: Gateway;
  readonly simulators: Readonly<Record<Name, Simulator>>;
}

/** All of them connected; the first is the default one. Ends with the test. */
export async function startStudios<Name extends string>(
  names: readonly Name[],
  settings: Values = {},
): Promise<Stage<Name>> {
  const started = await Promise.all(
    names.map(async (name, i) => ({ name, ...(await startSimulator({ seed: i + 1, first: i + 1 })) })),
  );
  const studio = started.map(({ name, port }) => `${name}=127.0.0.1:${port}`);
  const gateway = await startGateway(0, { rcsp: undefined, studio, ...settings });
  await connected(gateway);
  const entries = started.map(({ name, simulator }) => [name, simulator] as const);
  return { gateway, simulators: Object.fromEntries(entries) as Record<Name, Simulator> };
}

/** Every studio is connected, and its lists have been read. */
export async function connected({ app }: Gateway): Promise<void> {
  await until(() => app.studios.all.every(({ upstream }) => upstream.state === 'connected'));
  await Promise.all(app.studios.all.map(({ upstream }) => upstream.discovery.refresh()));
}
