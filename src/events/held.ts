import { z } from 'zod';
import type { CommandSender } from '../catalog/execute.js';
import { GatewayError } from '../errors.js';
import { within } from '../within.js';
import type { CommandRequest } from '../rcsp/pending-command.js';
import type { OkResponse } from '../rcsp/message.js';
import { streamKey } from './source.js';
import type { EventSource, EventStream, OpenedStream } from './source.js';

const Subscription = z.object({
  DeviceId: z.number().optional(),
  Publishers: z.array(z.object({ Publisher: z.string(), Topics: z.array(z.string()) })),
});

/**
 * The subscriptions that users asked the gateway itself to hold, by `Subscribe` and `DeviceSubscribe`. A stream
 * is held once however often it was asked for, like on an RCSP connection, until it is unsubscribed.
 */
export class HeldSubscriptions implements CommandSender {
  readonly #source: EventSource;
  readonly #held = new Map<string, OpenedStream>();

  constructor(source: EventSource) {
    this.#source = source;
  }

  /** Takes the four subscription commands. @throws RejectedError when the studio refuses one of the streams. */
  async send({ command, timeoutMs }: CommandRequest): Promise<OkResponse> {
    const streams = streamsOf(Subscription.parse(command.Arguments));
    if (command.Command.endsWith('Unsubscribe')) this.#release(streams.map(streamKey));
    else await this.#hold(streams, timeoutMs);
    return { kind: 'ok', trackId: command.TrackId, response: undefined, bytes: undefined };
  }

  /** All or nothing: what the studio took of a request that it did not take whole is given back. */
  async #hold(streams: readonly EventStream[], timeoutMs: number): Promise<void> {
    const fresh = streams.filter((each) => !this.#held.has(streamKey(each)));
    if (fresh.length > 0 && !this.#source.connected) {
      throw new GatewayError('Studio unreachable', 'The connection for events is not up.', {
        outcome: 'not-sent',
      });
    }
    for (const each of fresh) this.#held.set(streamKey(each), this.#source.open(each));
    try {
      const opened = streams.flatMap((each) => this.#held.get(streamKey(each))?.ready ?? []);
      await within(Promise.all(opened), timeoutMs, () => late(timeoutMs));
    } catch (error) {
      this.#release(fresh.map(streamKey));
      throw error;
    }
  }

  #release(keys: readonly string[]): void {
    for (const key of keys) {
      this.#held.get(key)?.close();
      this.#held.delete(key);
    }
  }
}

function streamsOf({ DeviceId, Publishers }: z.output<typeof Subscription>): readonly EventStream[] {
  return Publishers.flatMap(({ Publisher, Topics }) =>
    Topics.map((topic) => ({ publisher: Publisher, topic, deviceId: DeviceId })),
  );
}

function late(timeoutMs: number): GatewayError {
  const detail = `The studio did not take the subscription within ${timeoutMs} ms.`;
  return new GatewayError('Timeout', detail, { outcome: 'no-answer' });
}
