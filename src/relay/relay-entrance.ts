import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { GatewayError } from '../errors/errors.js';
import { JOIN_PATH } from '../transports/relay/line-protocol.js';
import type { Forwarder } from './forwarder.js';
import type { Join } from './join.js';
import { responseTo } from './relay-problems.js';
import { relayTarget } from './relay-target.js';
import type { RequestGuard } from './request-guard.js';
import type { UpgradeForwarder } from './upgrade-forwarder.js';

/** Answered under every host name: a probe may use any. */
const PROBES: ReadonlySet<string> = new Set(['/live', '/ready']);

export interface EntranceOptions {
  readonly guard: RequestGuard;
  readonly forwarder: Forwarder;
  readonly upgrades: UpgradeForwarder;
  readonly join: Join;
  readonly onProblem: (error: unknown, request: IncomingMessage, response: ServerResponse) => void;
}

/** An upgrade to a path of the relay's own; `address` is the client's, as far as proxies are believed. */
export type UpgradeHandler = (
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  address: string,
) => void;

type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** Every request comes in here: it is checked, and goes to a gateway or to the relay's own routes. */
export class RelayEntrance {
  readonly #options: EntranceOptions;
  readonly #upgrades = new Map<string, UpgradeHandler>();

  constructor(options: EntranceOptions) {
    this.#options = options;
    this.onUpgrade(JOIN_PATH, (request, socket, head, address) => {
      void options.join.take(request, socket, head, address);
    });
  }

  /** Takes upgrades to `path`; one that ends with a slash stands for everything below it. */
  onUpgrade(path: string, handler: UpgradeHandler): void {
    this.#upgrades.set(path, handler);
  }

  /** `own` serves what is not below the name of a gateway. */
  enter(request: IncomingMessage, response: ServerResponse, own: RequestHandler): void {
    const { guard, forwarder, onProblem } = this.#options;
    try {
      const { url = '' } = request;
      const facts = guard.factsOf(request);
      guard.check(request, facts, PROBES.has(pathOf(url)));
      const target = relayTarget(url);
      if (target.kind === 'own') own(request, response);
      else if (target.kind === 'gateway') forwarder.forward(request, response, { ...target, facts });
      else redirect(response, `${target.name}/${target.query}`);
    } catch (error) {
      onProblem(error, request, response);
    }
  }

  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const { guard, upgrades, onProblem } = this.#options;
    try {
      const { url = '' } = request;
      const facts = guard.factsOf(request);
      guard.check(request, facts, false);
      const target = relayTarget(url);
      if (target.kind === 'gateway') return upgrades.forward(request, socket, head, { ...target, facts });
      const handler = this.#handlerOf(pathOf(url));
      if (handler === undefined)
        throw new GatewayError('Not found', 'There is no WebSocket; those of gateways are at /{name}/v1/ws.');
      handler(request, socket, head, facts.address);
    } catch (error) {
      socket.on('error', () => undefined);
      onProblem(error, request, responseTo(request, socket));
    }
  }

  #handlerOf(path: string): UpgradeHandler | undefined {
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    return this.#upgrades.get(path) ?? this.#upgrades.get(folder);
  }
}

/** Relative: a proxy in front of the relay may have a prefix of its own. */
function redirect(response: ServerResponse, location: string): void {
  response.writeHead(308, { location, 'content-length': 0, 'cache-control': 'no-store' }).end();
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '';
}
