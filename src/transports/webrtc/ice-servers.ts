import { createHmac } from 'node:crypto';

/** Seconds that credentials for TURN are valid. */
export const TURN_SECONDS = 3600;
/** RFC 7064 and RFC 7065. */
const DEFAULT_PORT = 3478;

/** As `RTCPeerConnection` takes it. */
export interface IceServer {
  readonly urls: string;
  readonly username?: string;
  readonly credential?: string;
}

/** As the library takes it. */
export interface LibraryIceServer {
  readonly hostname: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly relayType?: 'TurnUdp';
}

interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** STUN and TURN servers, with credentials as coturn's `use-auth-secret` expects them (TURN REST). */
export class IceServers {
  readonly #urls: readonly string[];
  /** The secret is read for each caller: it may have been changed. */
  readonly #secret: () => string;

  constructor(urls: readonly string[], secret: () => string) {
    this.#urls = urls;
    this.#secret = secret;
  }

  /** For one caller; `now` in milliseconds since 1970. */
  forCaller(name: string, now: number): readonly IceServer[] {
    return this.#urls.map((urls) => {
      if (!isTurn(urls)) return { urls };
      const { username, password: credential } = this.#credentials(name, now);
      return { urls, username, credential };
    });
  }

  /** For the gateway's own end, whose library knows neither TLS nor TCP. */
  forGateway(now: number): readonly LibraryIceServer[] {
    return this.#urls.flatMap((url): readonly LibraryIceServer[] => {
      const server = addressOf(url);
      if (server === undefined) return [];
      return [
        isTurn(url) ? { ...server, ...this.#credentials('gateway', now), relayType: 'TurnUdp' } : server,
      ];
    });
  }

  #credentials(name: string, now: number): Credentials {
    const username = `${Math.floor(now / 1000) + TURN_SECONDS}:${name}`;
    return { username, password: createHmac('sha1', this.#secret()).update(username).digest('base64') };
  }
}

export function isTurn(url: string): boolean {
  return /^turns?:/i.test(url);
}

/** Where a server is that is reached over UDP; undefined for others. */
function addressOf(url: string): Pick<LibraryIceServer, 'hostname' | 'port'> | undefined {
  const [, bracketed, plain, port] =
    /^(?:stun|turn):(?:\[([^\]]+)\]|([^:?]+))(?::(\d+))?(?:\?transport=udp)?$/i.exec(url) ?? [];
  const hostname = bracketed ?? plain;
  return hostname === undefined ? undefined : { hostname, port: Number(port ?? DEFAULT_PORT) };
}
