/** What events report about devices. */
import { ask } from './gateway.js';

/** What an event reports about a device. */
export interface DeviceEvent {
  readonly topic: string;
  readonly id: number | undefined;
  readonly success: boolean;
  readonly at: number;
}

/** Empty when the gateway keeps no history or is unreachable. */
export async function readHistory(topics: readonly string[]): Promise<DeviceEvent[]> {
  const query = topics.map((topic) => `channel=DeviceEvents/${topic}`).join('&');
  try {
    const { events } = await ask<{
      events: { event: { Topic: string; EventData: unknown }; receivedAt: number }[];
    }>('GET', `v1/history?${query}&limit=1000`);
    return events.map(({ event, receivedAt }) => deviceEventOf(event.Topic, event.EventData, receivedAt));
  } catch {
    return [];
  }
}

/** What a `$gateway/changes` event reports; undefined when it is of no device. */
export function changeOf(data: unknown): { readonly command: string; readonly deviceId: number } | undefined {
  const { command, deviceId }: { command?: unknown; deviceId?: unknown } =
    typeof data === 'object' && data !== null ? data : {};
  return typeof command === 'string' && typeof deviceId === 'number' ? { command, deviceId } : undefined;
}

export function deviceEventOf(topic: string, data: unknown, at: number): DeviceEvent {
  const { DeviceId: id, EventSuccess: outcome }: { DeviceId?: unknown; EventSuccess?: unknown } =
    typeof data === 'object' && data !== null ? data : {};
  return { topic, id: typeof id === 'number' ? id : undefined, success: outcome !== 'Failure', at };
}
