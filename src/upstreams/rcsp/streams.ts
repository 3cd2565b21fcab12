import { channelName, devicePrefix, splitChannel } from '../../wire/channel-pattern.js';

/** One stream of an RCSP server. Publisher and topic alone do not name a device's stream. */
export interface EventStream {
  readonly publisher: string;
  readonly topic: string;
  readonly deviceId: number | undefined;
}

/** The channel of a stream. */
export function channelOf({
  publisher,
  topic,
  deviceId,
}: Omit<EventStream, 'deviceId'> & Partial<EventStream>): string {
  return channelName(publisher, topic, deviceId === undefined ? '' : devicePrefix(deviceId));
}

/** The stream of a channel; undefined for patterns and for the gateway's own channels. */
export function streamOf(channel: string): EventStream | undefined {
  return splitChannel(channel);
}

/** `EventData.DeviceId`, when there is one. */
export function deviceNamed(data: unknown): number | undefined {
  const named = typeof data === 'object' && data !== null && 'DeviceId' in data ? data.DeviceId : undefined;
  return typeof named === 'number' ? named : undefined;
}
