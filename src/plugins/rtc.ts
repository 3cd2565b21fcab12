import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { ConfigError } from '../config/config.js';
import type { Config } from '../config/config.js';
import { readTurnSecret } from '../config/turn-secret.js';
import { IceServers } from '../transports/webrtc/ice-servers.js';
import { loadRtcLibrary } from '../transports/webrtc/rtc-library.js';
import type { RtcLibrary } from '../transports/webrtc/rtc-library.js';
import { RtcPeers } from '../transports/webrtc/rtc-peers.js';

export interface Rtc {
  readonly peers: RtcPeers;
  readonly ice: IceServers;
}

export interface RtcPluginOptions {
  readonly config: Config;
  /** Undefined where no data channels are wanted. */
  readonly library: RtcLibrary | undefined;
}

/** Data channels (WebRTC). */
export const rtc = fp<RtcPluginOptions>(
  (app: FastifyInstance, { config, library }: RtcPluginOptions) => {
    app.decorate('rtc', undefined);
    if (library === undefined) return;
    const ice = new IceServers(config.iceServer, turnSecret(app, config));
    const peers = new RtcPeers({
      library,
      ice,
      port: config.rtcPort,
      onReport: (report, detail) => {
        app.metrics.rtcConnection(report);
        const level = report === 'not-opened' || report === 'failed' ? 'warn' : 'debug';
        app.log[level]({ report, ...(detail !== '' && { detail }) }, 'WebRTC connection');
      },
    });
    app.rtc = { peers, ice };
    app.lifecycle.onShutdown('clients', () => peers.drain());
  },
  { name: 'rtc', dependencies: ['metrics', 'lifecycle'] },
);

/** Loads the library if it is wanted; nothing else has been started then. @throws ConfigError in one line */
export async function loadRtc({ rtc: isWanted }: Config): Promise<RtcLibrary | undefined> {
  if (!isWanted) return undefined;
  try {
    return await loadRtcLibrary();
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n');
    throw new ConfigError(
      `--rtc needs the package node-datachannel (npm install node-datachannel): ${reason}`,
    );
  }
}

/** The secret, read anew with tokens and certificates; one that cannot be read leaves the one that was. */
function turnSecret(app: FastifyInstance, { turnSecretFile: file }: Config): () => string {
  if (file === null) return () => '';
  let secret = readTurnSecret(file);
  app.lifecycle.onReload(() => {
    try {
      secret = readTurnSecret(file);
    } catch (error) {
      app.log.error((error as Error).message);
    }
  });
  return () => secret;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Undefined without `--rtc`. */
    rtc: Rtc | undefined;
  }
}
