import type { Channel } from './channel.js';
import type { ChannelEvent } from './channel-event.js';
import type { Cursor, Step } from './journal.js';
import type { Subscriber } from './subscriber.js';

/** A channel, and the place after which a client wants it. */
export interface Start {
  readonly channel: Channel;
  readonly from: Cursor;
}

/** A step of one channel, with its place among those of all: a gap stands before the event that follows it. */
interface Placed {
  readonly name: string;
  readonly order: number;
  readonly step: Step<ChannelEvent>;
}

/** Sends a client what channels said, in the order in which they said it. */
export function replay(subscriber: Subscriber, starts: readonly Start[]): void {
  const placed = starts.flatMap((start) => inPlace(start.channel.name, stepsOf(subscriber, start)));
  placed.sort((a, b) => a.order - b.order);
  let run: ChannelEvent[] = [];
  const send = (): void => {
    if (run.length > 0) sendRun(subscriber, run);
    run = [];
  };
  for (const { name, step } of placed) {
    if ('entry' in step) run.push(step.entry);
    else {
      send();
      subscriber.tellGap(name, step.gap);
    }
  }
  send();
}

/** All of it, or the newest where only that is wanted. The gateway's own channels always tell how things stand. */
function stepsOf(subscriber: Subscriber, { channel, from }: Start): readonly Step<ChannelEvent>[] {
  const { name, stream, journal } = channel;
  const { newest } = journal;
  if (stream !== undefined && subscriber.modes.get(name) === 'all') return journal.since(from);
  if (newest === undefined || (stream !== undefined && isSeen(newest, from))) return [];
  return [{ entry: newest }];
}

function isSeen(newest: Cursor, from: Cursor): boolean {
  return newest.epoch === from.epoch && newest.seq <= from.seq;
}

function inPlace(name: string, steps: readonly Step<ChannelEvent>[]): readonly Placed[] {
  let order = Infinity;
  return steps.toReversed().map((step) => {
    if ('entry' in step) order = step.entry.order;
    return { name, order: 'gap' in step ? order - 0.5 : order, step };
  });
}

function sendRun(subscriber: Subscriber, events: readonly ChannelEvent[]): void {
  const { format } = subscriber.sink;
  subscriber.deliver(events, Buffer.concat(events.map((event) => event.framed(format))));
}
