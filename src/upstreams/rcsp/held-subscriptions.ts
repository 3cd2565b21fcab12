import { z } from 'zod';
import type { CommandSender } from '../../catalog/execute.js';
import { GatewayError } from '../../errors/errors.js';
import { within } from '../../util/within.js';
import type { CommandRequest } from './pending-command.js';
import type { OkResponse } from './protocol/message.js';
import { streamKey } from '../source.js';
import type { EventSource, EventStream, OpenedStream } from '../source.js';

const Publishers = z.array(z.object({ Publisher: z.string(), Topics: z.array(z.string()) }));
const ServerSubscription = z.object({ Publishers });
const DeviceSubscription = z.object({ DeviceId: z.number(), Publishers });

interface Held {
  readonly opened: OpenedStream;
  /** Requests that wait for it. */
  claims: number;
  /** A request that named it has succeeded: it is held until it is unsubscribed. */
  kept: boolean;
}

/**
 * The subscriptions that users asked the gateway itself to hold, by `Subscribe` and `DeviceSubscribe`. A stream
 * is held once however often it was asked for, like on an RCSP connection, until it is unsubscribed.
 */
export class HeldSubscriptions implements CommandSender {
  readonly #source: Pick<EventSource, 'connected' | 'open'>;
  readonly #held = new Map<string, Held>();

  constructor(source: Pick<EventSource, 'connected' | 'open'>) {
    this.#source = source;
  }

  /** Takes the four subscription commands. @throws RejectedError when the studio refuses one of the streams. */
  async send({ command, timeoutMs }: CommandRequest): Promise<OkResponse> {
    const streams = streamsOf(command.Command, command.Arguments);
    if (command.Command.endsWith('Unsubscribe')) this.#release([...streams.keys()]);
    else await this.#hold(streams, timeoutMs);
    return { kind: 'ok', trackId: command.TrackId, response: undefined, bytes: undefined };
  }

  /** All or nothing: what the studio took of a request that it did not take whole is given back. */
  async #hold(streams: ReadonlyMap<string, EventStream>, timeoutMs: number): Promise<void> {
    const isFresh = [...streams.keys()].some((key) => !this.#held.has(key));
    if (isFresh && !this.#source.connected) {
      throw new GatewayError('Studio unreachable', 'The connection for events is not up.', {
        outcome: 'not-sent',
      });
    }
    const claimed = Array.from(streams, ([key, stream]) => this.#claim(key, stream));
    try {
      await within(Promise.all(claimed.map(({ opened }) => opened.ready)), timeoutMs, () => late(timeoutMs));
      for (const each of claimed) each.kept = true;
    } finally {
      for (const each of claimed) each.claims -= 1;
      this.#sweep(streams.keys());
    }
  }

  #claim(key: string, stream: EventStream): Held {
    const held = this.#held.get(key) ?? { opened: this.#source.open(stream), claims: 0, kept: false };
    held.claims += 1;
    this.#held.set(key, held);
    return held;
  }

  #release(keys: readonly string[]): void {
    for (const key of keys) {
      const held = this.#held.get(key);
      if (held !== undefined) held.kept = false;
    }
    this.#sweep(keys);
  }

  #sweep(keys: Iterable<string>): void {
    for (const key of keys) {
      const held = this.#held.get(key);
      if (held === undefined || held.kept || held.claims > 0) continue;
      held.opened.close();
      this.#held.delete(key);
    }
  }
}

/** By key: a stream that is named twice is one. */
function streamsOf(command: string, args: unknown): ReadonlyMap<string, EventStream> {
  const ofDevice = command.startsWith('Device') ? DeviceSubscription.parse(args) : undefined;
  const publishers = (ofDevice ?? ServerSubscription.parse(args)).Publishers;
  const streams = publishers.flatMap(({ Publisher, Topics }) =>
    Topics.map((topic) => ({ publisher: Publisher, topic, deviceId: ofDevice?.DeviceId })),
  );
  return new Map(streams.map((stream) => [streamKey(stream), stream]));
}

function late(timeoutMs: number): GatewayError {
  const detail = `The studio did not take the subscription within ${timeoutMs} ms.`;
  return new GatewayError('Timeout', detail, { outcome: 'no-answer' });
}
