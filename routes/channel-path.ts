/** A channel in a path: `…/Logs/Info`, `…/devices/1/DeviceLogs/Error`, `…/studios/lab/Logs/Info`. */
import { z } from 'zod';

const level = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^/]+$/, 'must be one level, without a slash');

const serverChannel = z.object({
  Publisher: level.describe('Publisher of the events, or `*` for any.'),
  Topic: level.describe('Topic of the events, or `*` for any.'),
});

const deviceChannel = serverChannel.extend({
  DeviceId: z
    .string()
    .regex(/^(\*|0|[1-9]\d{0,15})$/, 'must be a number or *')
    .describe('Number of the device, or `*` for any.'),
});

const lightChannel = serverChannel.extend({
  node: level.describe('Name of the light array, or `*` for any.'),
});

const inStudio = {
  studio: level.describe('Name of the studio, or `*` for any.'),
};

/** The forms of a channel in a path, each with the name of its operation. */
export const CHANNEL_PATHS = [
  { path: ':Publisher/:Topic', params: serverChannel, of: '', what: 'one channel' },
  {
    path: 'devices/:DeviceId/:Publisher/:Topic',
    params: deviceChannel,
    of: 'Device',
    what: 'one channel of a device',
  },
  {
    path: 'lights/:node/:Publisher/:Topic',
    params: lightChannel,
    of: 'Light',
    what: 'one channel of a light array',
  },
  {
    path: 'studios/:studio/:Publisher/:Topic',
    params: serverChannel.extend(inStudio),
    of: 'Studio',
    what: 'one channel of a studio',
  },
  {
    path: 'studios/:studio/devices/:DeviceId/:Publisher/:Topic',
    params: deviceChannel.extend(inStudio),
    of: 'StudioDevice',
    what: 'one channel of a device in a studio',
  },
] as const;

/** What has passed one of the schemas. */
export interface ChannelLevels {
  readonly studio?: string;
  readonly node?: string;
  readonly DeviceId?: string;
  readonly Publisher: string;
  readonly Topic: string;
}

export function channelText({ studio, DeviceId, node, Publisher, Topic }: ChannelLevels): string {
  const owner = DeviceId !== undefined ? ['devices', DeviceId] : node !== undefined ? ['lights', node] : [];
  return [...(studio === undefined ? [] : ['studios', studio]), ...owner, Publisher, Topic].join('/');
}
