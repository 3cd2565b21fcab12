import type { z } from 'zod';
import type { publisher } from '../catalog/rcsp/fields.js';

export type Publisher = z.infer<typeof publisher>;

/** Identifies an event stream: a device topic exists once per device. */
export function streamName(publisher: string, topic: string, deviceId?: number): string {
  return deviceId === undefined ? `${publisher}/${topic}` : `${publisher}/${topic}/${deviceId}`;
}

/** One connection's subscriptions. Adding twice or removing an absent one changes nothing. */
export class Subscriptions {
  readonly #streams = new Set<string>();

  has(stream: string): boolean {
    return this.#streams.has(stream);
  }

  add(publishers: readonly Publisher[], deviceId?: number): void {
    for (const stream of streamsOf(publishers, deviceId)) this.#streams.add(stream);
  }

  remove(publishers: readonly Publisher[], deviceId?: number): void {
    for (const stream of streamsOf(publishers, deviceId)) this.#streams.delete(stream);
  }
}

function streamsOf(publishers: readonly Publisher[], deviceId?: number): string[] {
  return publishers.flatMap(({ Publisher, Topics }) =>
    Topics.map((topic) => streamName(Publisher, topic, deviceId)),
  );
}
