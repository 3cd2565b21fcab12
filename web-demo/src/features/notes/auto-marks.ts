/** What happened since the last note, from the gateway's history. */
import type { StudioEvent } from '../../../../src/client/index.js';
import { ask } from '../../lib/gateway.js';
import { sentenceOf, statementOf } from '../../lib/event-sentence.js';
import type { Mark } from '../../lib/mark-store.js';
import type { NoteMark } from './note.js';

const TOPICS = ['Disconnected', 'EmfSaturated', 'GyrSaturated', 'AccSaturated'];
/** The gateway's bound for one request. */
const MAX_CHANNELS = 50;
const MAX_MARKS = 50;

/** Button presses, disconnections, saturations and the user's own marks after `since`, oldest first. */
export async function marksSince(
  since: number,
  devices: readonly number[],
  own: readonly Mark[],
  nameOf: (id: number) => string,
): Promise<readonly NoteMark[]> {
  const channels = [
    ...TOPICS.map((topic) => `DeviceEvents/${topic}`),
    ...devices.map((id) => `devices/${id}/DeviceEvents/ButtonPushed`),
  ].slice(0, MAX_CHANNELS);
  const events = await eventsOf(channels);
  const happened = events
    .filter(({ receivedAt }) => receivedAt > since)
    .map((event) => ({ at: event.receivedAt, what: sentenceOf(statementOf(event), nameOf) }));
  const flagged = own.filter(({ at }) => at > since).map(({ at, label }) => ({ at, what: label }));
  return [...happened, ...flagged].sort((a, b) => a.at - b.at).slice(-MAX_MARKS);
}

/** A note must not wait for, or fail with, what is only added to it. */
async function eventsOf(channels: readonly string[]): Promise<readonly StudioEvent[]> {
  const query = new URLSearchParams(channels.map((channel) => ['channel', channel]));
  try {
    const { events } = await ask<{ events: readonly StudioEvent[] }>('GET', `v1/history?${query.toString()}`);
    return events;
  } catch {
    return [];
  }
}
