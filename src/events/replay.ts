import type { Channel } from './channel.js';
import type { ChannelEvent } from './channel-event.js';
import type { Cursor, Gap, Step } from './journal.js';
import type { Subscriber } from './subscriber.js';

/**
 * Sends a client what a channel said after `from`: all of it, or the newest where only that is wanted. The
 * gateway's own channels always tell how things stand now.
 */
export function replay(subscriber: Subscriber, { name, stream, journal }: Channel, from: Cursor): void {
  const { newest } = journal;
  if (stream !== undefined && subscriber.modes.get(name) === 'all') {
    for (const part of inRuns(journal.since(from))) {
      if ('gap' in part) subscriber.tellGap(name, part.gap);
      else send(subscriber, part.events);
    }
  } else if (newest !== undefined && (stream === undefined || !isSeen(newest, from))) {
    send(subscriber, [newest]);
  }
}

function isSeen(newest: Cursor, from: Cursor): boolean {
  return newest.epoch === from.epoch && newest.seq <= from.seq;
}

function send(subscriber: Subscriber, events: readonly ChannelEvent[]): void {
  const { format } = subscriber.sink;
  subscriber.deliver(events, Buffer.concat(events.map((event) => event.framed(format))));
}

/** Events that follow each other leave together. */
function inRuns(steps: readonly Step<ChannelEvent>[]): ({ events: ChannelEvent[] } | { gap: Gap })[] {
  const runs: ({ events: ChannelEvent[] } | { gap: Gap })[] = [];
  for (const step of steps) {
    const last = runs.at(-1);
    if ('gap' in step) runs.push(step);
    else if (last !== undefined && 'events' in last) last.events.push(step.entry);
    else runs.push({ events: [step.entry] });
  }
  return runs;
}
