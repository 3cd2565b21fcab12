import type { Channel } from './channel.js';
import { eventHead } from './channel-event.js';
import type { ChannelEvent } from './channel-event.js';
import type { Step } from './journal.js';
import { BATCH_BYTES } from './subscriber.js';
import type { Subscriber } from './subscriber.js';
import { isStateChannel } from '../wire/gateway-channels.js';
import type { Cursor } from '../wire/cursor.js';

/** A channel, and the place after which a client wants it. */
export interface Start {
  readonly channel: Channel;
  /** As the client spells it. */
  readonly name: string;
  readonly from: Cursor;
}

/** A step of one channel, with its place among those of all: a gap stands before the event that follows it. */
interface Placed {
  readonly name: string;
  readonly order: number;
  readonly step: Step<ChannelEvent>;
}

/** Sends a client the missed events of several channels, in the order in which they came. */
export function replay(subscriber: Subscriber, starts: readonly Start[]): void {
  const placed = starts.flatMap((start) => inPlace(start.name, stepsOf(subscriber, start)));
  placed.sort((a, b) => a.order - b.order);
  let run: ChannelEvent[] = [];
  let bytes = 0;
  const send = (): void => {
    if (run.length > 0) sendRun(subscriber, run);
    run = [];
    bytes = 0;
  };
  for (const { name, step } of placed) {
    const isPaced = subscriber.isPaced(name);
    // One batch is no larger than what may be on its way to a client; the rest waits in its bounded outbox.
    if ('gap' in step || isPaced || bytes + step.entry.size > BATCH_BYTES) send();
    if ('gap' in step) subscriber.tellGap(name, step.gap);
    else if (isPaced) subscriber.offer(step.entry, performance.now());
    else {
      run.push(step.entry);
      bytes += step.entry.size;
    }
  }
  send();
}

/** All steps in mode `all`; otherwise, and for state channels, only the newest event. */
function stepsOf(subscriber: Subscriber, start: Start): readonly Step<ChannelEvent>[] {
  const head = eventHead(start.name);
  return stepsSince(subscriber, start).map((step) =>
    'entry' in step ? { entry: step.entry.as(head) } : step,
  );
}

function stepsSince(subscriber: Subscriber, { channel, name, from }: Start): readonly Step<ChannelEvent>[] {
  if (isStateChannel(name)) return channel.states.map((entry) => ({ entry }));
  const steps = channel.journal.since(from);
  if (subscriber.modes.get(name) === 'all') return steps;
  return steps.filter((step) => 'entry' in step).slice(-1);
}

function inPlace(name: string, steps: readonly Step<ChannelEvent>[]): readonly Placed[] {
  let order = Infinity;
  return steps.toReversed().map((step) => {
    if ('entry' in step) order = step.entry.order;
    return { name, order: 'gap' in step ? order - 0.5 : order, step };
  });
}

function sendRun(subscriber: Subscriber, events: readonly ChannelEvent[]): void {
  const { framing } = subscriber.sink;
  subscriber.deliver(events, framing.batch(events.map((event) => framing.event(event))));
}
