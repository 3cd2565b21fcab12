/** The client library, an optional dependency: loaded when NATS is asked for, and not before. */
export interface NatsModules {
  readonly core: typeof import('@nats-io/transport-node');
  readonly jetstream: typeof import('@nats-io/jetstream');
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
    const packages = '@nats-io/transport-node and @nats-io/jetstream';
    throw new Error(
      `--nats needs ${packages}, which are not installed: npm install ${packages.replace(' and', '')}`,
      {
        cause,
      },
    );
  }
}
