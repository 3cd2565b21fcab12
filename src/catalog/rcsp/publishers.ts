/**
 * The publishers and topics that the specification names, with what their events carry. Not exhaustive:
 * ListPublishers is the truth, and an event of an unknown publisher passes like any other.
 */
import { z } from 'zod';
import { deviceId } from './fields.js';

export interface PublisherDefinition {
  /** RCSP's `Publisher`. `DeviceEvents` exists twice: once for the studio, once for every device. */
  readonly name: string;
  /** `server`: taken with Subscribe. `device`: taken with DeviceSubscribe, once for each device. */
  readonly target: 'server' | 'device';
  readonly description: string;
  readonly topics: readonly [string, ...string[]];
  /** The `EventData` of all of its topics. */
  readonly eventData: z.ZodObject;
  readonly example: Readonly<Record<string, unknown>>;
}

/** `rcsp_device_event_data`. */
export const deviceEventData = z
  .looseObject({
    EventSuccess: z.string().nullish().describe('`Success` or `Failure`, where the event is an outcome.'),
    DeviceId: deviceId.nullish().describe('Number of the device, as ListDevices tells it.'),
    IsBootloader: z.boolean().nullish().describe('Whether the device runs its bootloader.'),
    ButtonPushType: z
      .string()
      .nullish()
      .describe('Only with `ButtonPushed`: `SinglePress`, `DoublePress` or `LongPress`.'),
  })
  .meta({ id: 'RcspDeviceEventData', description: 'Something happened to a device.' });

/** `rcsp_log_event_data`. */
export const logEventData = z
  .looseObject({ LogMsg: z.string().describe('The line of the log.') })
  .meta({ id: 'RcspLogEventData', description: "A line of the studio's log." });

/** `rcsp_update_fw_event_data`. */
export const updateFwEventData = z
  .looseObject({
    PercentComplete: z.number().nullish().describe('How much is done, in percent.'),
    ErrorMsg: z.string().nullish().describe('What went wrong.'),
  })
  .meta({ id: 'RcspUpdateFwEventData', description: 'How a firmware update goes on; names no device.' });

/** `rcsp_device_log_event_data`. */
export const deviceLogEventData = z
  .looseObject({
    LogMsg: z.string().describe('The line of the log.'),
    DeviceId: deviceId,
    TimestampNs: z.number().describe("Time on the device's own clock, in ns (nanoseconds)."),
    SrcLocation: z
      .string()
      .describe('Where in the firmware the line comes from, such as a module or function.'),
  })
  .meta({ id: 'RcspDeviceLogEventData', description: "A line of a device's log." });

export const PUBLISHERS = [
  {
    name: 'DeviceEvents',
    target: 'server',
    description: 'Devices that come, go, get calibrated or measure something remarkable.',
    topics: [
      'Seen',
      'Connected',
      'Initialized',
      'Mapped',
      'Disconnected',
      'Destroyed',
      'Calibrated',
      'FlipDecided',
      'EmfSaturated',
      'GyrSaturated',
      'AccSaturated',
      'CoilDetected',
      'BootloaderConnected',
      'BootloaderDisconnected',
    ],
    eventData: deviceEventData,
    example: { EventSuccess: 'Success', DeviceId: 1, IsBootloader: false },
  },
  {
    name: 'Logs',
    target: 'server',
    description: "The studio's log, a topic for each level.",
    topics: ['Error', 'Warning', 'Info'],
    eventData: logEventData,
    example: { LogMsg: 'Device 1 connected' },
  },
  {
    name: 'UpdateFwEvents',
    target: 'server',
    description: 'Progress and end of a firmware update. Names no device: run one update at a time.',
    topics: ['Progress', 'Failure', 'Done'],
    eventData: updateFwEventData,
    example: { PercentComplete: 42 },
  },
  {
    name: 'DeviceLogs',
    target: 'device',
    description: "A device's own log, a topic for each level.",
    topics: ['Error', 'Warning', 'Info', 'Debug'],
    eventData: deviceLogEventData,
    example: { LogMsg: 'Battery low', DeviceId: 2, TimestampNs: 81234567890, SrcLocation: 'power' },
  },
  {
    name: 'DeviceEvents',
    target: 'device',
    description: 'The button on a device.',
    topics: ['ButtonPushed'],
    eventData: deviceEventData,
    example: { DeviceId: 2, ButtonPushType: 'SinglePress' },
  },
] as const satisfies readonly PublisherDefinition[];
