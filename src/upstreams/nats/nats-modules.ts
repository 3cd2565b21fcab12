/** The client library, an optional dependency: loaded when NATS is asked for, and not before. */
import type * as Jetstream from '@nats-io/jetstream';
import type * as Core from '@nats-io/transport-node';

export interface NatsModules {
  readonly core: typeof Core;
  readonly jetstream: typeof Jetstream;
}

/** @throws Error that says what to install */
export async function loadNats(): Promise<NatsModules> {
  try {
    const [core, jetstream] = await Promise.all([
      import('@nats-io/transport-node'),
      import('@nats-io/jetstream'),
    ]);
    return { core, jetstream };
  } catch (cause) {
    const packages = '@nats-io/transport-node @nats-io/jetstream';
    throw new Error(`--nats needs packages that are not installed: npm install ${packages}`, { cause });
  }
}
