import type { OpenStream } from './open-stream.js';
import type { EventMessage } from './protocol/message.js';
import { channelOf } from './streams.js';

/** Publishers and topics remembered at most: a studio may send what nobody has subscribed to. */
const MAX_ROUTES = 4096;

/** Where the events of a publisher and topic belong: the server's channel, or those of the devices that are open. */
export interface Route {
  readonly isServer: boolean;
  readonly channel: string;
  readonly channels: readonly string[];
  /** That of the first open channel. */
  readonly deviceId: number | undefined;
}

/** The route of each publisher and topic; clear it when the streams change. */
export class StreamRoutes {
  readonly #streams: ReadonlyMap<string, OpenStream>;
  readonly #routes = new Map<string, Route>();

  constructor(streams: ReadonlyMap<string, OpenStream>) {
    this.#streams = streams;
  }

  clear(): void {
    this.#routes.clear();
  }

  of({ publisher, topic }: EventMessage): Route {
    const key = `${publisher}\n${topic}`;
    const known = this.#routes.get(key);
    if (known !== undefined) return known;
    const open = [...this.#streams.values()].filter(
      (each) => each.publisher === publisher && each.topic === topic && !each.isSuspended,
    );
    const isServer = open.length === 0 || open.some(({ deviceId }) => deviceId === undefined);
    const channels = open.map(({ channel }) => channel);
    const route = {
      isServer,
      channel: channelOf({ publisher, topic }),
      channels,
      deviceId: open[0]?.deviceId,
    };
    if (this.#routes.size < MAX_ROUTES) this.#routes.set(key, route);
    return route;
  }
}
