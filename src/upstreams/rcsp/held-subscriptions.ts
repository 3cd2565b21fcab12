import { z } from 'zod';
import type { CommandSender } from '../../catalog/execute.js';
import { GatewayError } from '../../errors/errors.js';
import { within } from '../../util/within.js';
import type { CommandEnd, WireCommand } from '../../catalog/execute.js';
import type { OpenedChannel } from '../source.js';
import { channelOf } from './streams.js';

const Publishers = z.array(z.object({ Publisher: z.string(), Topics: z.array(z.string()) }));
const ServerSubscription = z.object({ Publishers });
const DeviceSubscription = z.object({ DeviceId: z.number(), Publishers });

interface Held {
  readonly opened: OpenedChannel;
  /** Requests that wait for it. */
  claims: number;
  /** A request that named it has succeeded: it is held until it is unsubscribed. */
  kept: boolean;
}

/** Where channels are kept open. */
export interface ChannelOpener {
  readonly connected: boolean;
  open(channel: string): OpenedChannel;
}

/**
 * The subscriptions that users asked the gateway itself to hold, by `Subscribe` and `DeviceSubscribe`. A stream
 * is held once however often it was asked for, like on an RCSP connection, until it is unsubscribed.
 */
export class HeldSubscriptions implements CommandSender {
  readonly #source: ChannelOpener;
  /** By channel. */
  readonly #held = new Map<string, Held>();

  constructor(source: ChannelOpener) {
    this.#source = source;
  }

  /** Takes the four subscription commands. The error is a RejectedError when the studio refuses one of the streams. */
  run(request: WireCommand, onEnd: CommandEnd): void {
    this.#run(request).then(
      () => onEnd(undefined, { response: undefined, bytes: undefined }),
      (error: unknown) => onEnd(error, undefined),
    );
  }

  async #run({ command, timeoutMs }: WireCommand): Promise<void> {
    const channels = channelsNamed(command.Command, command.Arguments);
    if (command.Command.endsWith('Unsubscribe')) this.#release(channels);
    else await this.#hold(channels, timeoutMs);
  }

  /** All or nothing: what the studio took of a request that it did not take whole is given back. */
  async #hold(channels: readonly string[], timeoutMs: number): Promise<void> {
    const isFresh = channels.some((channel) => !this.#held.has(channel));
    if (isFresh && !this.#source.connected) {
      throw new GatewayError('Studio unreachable', 'The connection for events is not up.', {
        outcome: 'not-sent',
      });
    }
    const claimed = channels.map((channel) => this.#claim(channel));
    try {
      await within(Promise.all(claimed.map(({ opened }) => opened.ready)), timeoutMs, () => late(timeoutMs));
      for (const each of claimed) each.kept = true;
    } finally {
      for (const each of claimed) each.claims -= 1;
      this.#sweep(channels);
    }
  }

  #claim(channel: string): Held {
    const held = this.#held.get(channel) ?? { opened: this.#source.open(channel), claims: 0, kept: false };
    held.claims += 1;
    this.#held.set(channel, held);
    return held;
  }

  #release(channels: readonly string[]): void {
    for (const channel of channels) {
      const held = this.#held.get(channel);
      if (held !== undefined) held.kept = false;
    }
    this.#sweep(channels);
  }

  #sweep(channels: readonly string[]): void {
    for (const channel of channels) {
      const held = this.#held.get(channel);
      if (held === undefined || held.kept || held.claims > 0) continue;
      held.opened.close();
      this.#held.delete(channel);
    }
  }
}

/** Each once: a channel that is named twice is one. */
function channelsNamed(command: string, args: unknown): readonly string[] {
  const ofDevice = command.startsWith('Device') ? DeviceSubscription.parse(args) : undefined;
  const publishers = (ofDevice ?? ServerSubscription.parse(args)).Publishers;
  const deviceId = ofDevice?.DeviceId;
  const channels = publishers.flatMap(({ Publisher, Topics }) =>
    Topics.map((topic) => channelOf({ publisher: Publisher, topic, deviceId })),
  );
  return [...new Set(channels)];
}

function late(timeoutMs: number): GatewayError {
  const detail = `The studio did not take the subscription within ${timeoutMs} ms.`;
  return new GatewayError('Timeout', detail, { outcome: 'no-answer' });
}
