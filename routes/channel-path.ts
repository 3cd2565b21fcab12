/** A channel in a path: `…/Logs/Info`, `…/devices/1/DeviceLogs/Error`, `…/lights/192.168.0.23/Pycom/Output`. */
import { z } from 'zod';

const level = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^/]+$/, 'must be one level, without a slash');

export const serverChannel = z.object({
  Publisher: level.describe('Publisher of the events, or `*` for any.'),
  Topic: level.describe('Topic of the events, or `*` for any.'),
});

export const deviceChannel = serverChannel.extend({
  DeviceId: z
    .string()
    .regex(/^(\*|0|[1-9]\d{0,15})$/, 'must be a number or *')
    .describe('Number of the device, or `*` for any.'),
});

export const lightChannel = serverChannel.extend({
  node: level.describe('Name of the light array, or `*` for any.'),
});

/** What has passed one of the schemas. */
export interface ChannelLevels {
  readonly node?: string;
  readonly DeviceId?: string;
  readonly Publisher: string;
  readonly Topic: string;
}

export function channelText({ DeviceId, node, Publisher, Topic }: ChannelLevels): string {
  const owner = DeviceId !== undefined ? ['devices', DeviceId] : node !== undefined ? ['lights', node] : [];
  return [...owner, Publisher, Topic].join('/');
}
