/** Commands about a device's Wi-Fi. */
import { z } from 'zod';
import { defineCommand } from '../define.js';
import { bytes, networkSettings, text } from './example-values.js';
import { band, deviceId, deviceIdArgument, netConfiguration, netSettings, scanResult } from './fields.js';
import { read, slow, TIMEOUT_MS, write } from './policies.js';

/** `rcsp_response_wifi_ver`. */
export const getWifiVersion = defineCommand({
  name: 'GetWifiVersion',
  specOrder: 22,
  version: 1,
  target: 'device',
  tag: 'Network',
  summary: "Get the version of a device's Wi-Fi module",
  description: "The module's firmware has a version of its own, apart from the device's.",
  arguments: deviceIdArgument,
  response: z.looseObject({ WifiFwVersion: z.string().describe("Version of the module's firmware.") }),
  example: { arguments: { DeviceId: 1 }, response: { WifiFwVersion: '3.5.1.0' } },
  policy: read(),
  routes: [{ method: 'GET', path: '/v1/devices/{DeviceId}/wifi/version' }],
});

/** `rcsp_net_settings_arg`. */
export const setNetworkConfiguration = defineCommand({
  name: 'SetNetworkConfiguration',
  specOrder: 23,
  version: 1,
  target: 'device',
  tag: 'Network',
  summary: "Set a device's network settings",
  description:
    'All settings at once; read them first and change what is to change. StartWifi then starts the Wi-Fi ' +
    'module with them. A device that is reached over Wi-Fi may be lost by a wrong setting.',
  arguments: z.looseObject({ DeviceId: deviceId, Settings: netSettings }),
  response: null,
  example: { arguments: { DeviceId: 1, Settings: networkSettings }, response: null },
  policy: write('admin'),
  routes: [{ method: 'PUT', path: '/v1/devices/{DeviceId}/network' }],
});

/** `rcsp_response_net_settings`: the settings themselves are the `Response`. */
export const getNetworkConfiguration = defineCommand({
  name: 'GetNetworkConfiguration',
  specOrder: 24,
  version: 1,
  target: 'device',
  tag: 'Network',
  summary: "Get a device's network settings",
  description: 'The answer holds the key of the Wi-Fi network (`Psk`) in the clear.',
  arguments: deviceIdArgument,
  response: netConfiguration,
  example: { arguments: { DeviceId: 1 }, response: networkSettings },
  // A read, but one that reveals the Psk.
  policy: read('admin'),
  routes: [{ method: 'GET', path: '/v1/devices/{DeviceId}/network' }],
});

/** `rcsp_net_scan_arg` and `rcsp_response_scan_result`. */
export const scanNetwork = defineCommand({
  name: 'ScanNetwork',
  specOrder: 25,
  version: 1,
  target: 'device',
  tag: 'Network',
  summary: 'Scan for Wi-Fi networks',
  description:
    'The device listens on one band and channel and answers what it hears. That takes seconds, in which its ' +
    'radio does nothing else.',
  arguments: z.looseObject({
    DeviceId: deviceId,
    Band: band,
    ChannelNo: z.int().describe('Number of the Wi-Fi channel to listen on.'),
  }),
  response: z.looseObject({ ScanResults: z.array(scanResult).describe('Networks that were heard.') }),
  example: {
    arguments: { DeviceId: 1, Band: 1, ChannelNo: 36 },
    response: {
      ScanResults: [
        {
          ChannelNo: 36,
          SecurityMode: 'WPA2',
          Rssi: -48,
          Ssid: text('Stage A'),
          Bssid: bytes(0x74, 0x83, 0xc2, 0x1b, 0x5e, 0x90),
        },
        {
          ChannelNo: 36,
          SecurityMode: 'Open',
          Rssi: -71,
          Ssid: text('Visitors'),
          Bssid: bytes(0x74, 0x83, 0xc2, 0x1b, 0x5e, 0x91),
        },
      ],
    },
  },
  policy: slow(TIMEOUT_MS.scan),
  routes: [{ method: 'POST', path: '/v1/devices/{DeviceId}/network/scan' }],
});

/** `rcsp_start_wifi_arg`. */
export const startWifi = defineCommand({
  name: 'StartWifi',
  specOrder: 26,
  version: 1,
  target: 'device',
  tag: 'Network',
  summary: "Start a device's Wi-Fi",
  description:
    'Starts the Wi-Fi module with the newest settings. `TimeoutMs` is how long the device tries to connect, ' +
    'not how long this request waits: when it is longer than a minute, send `Prefer: wait=<seconds>` as well.',
  arguments: z.looseObject({
    DeviceId: deviceId,
    TimeoutMs: z
      .int()
      .min(0)
      .nullish()
      .describe('How long the device tries to connect, in ms; without it, with no limit.'),
  }),
  response: null,
  example: { arguments: { DeviceId: 1, TimeoutMs: 15_000 }, response: null },
  policy: slow(TIMEOUT_MS.wifiStart),
  routes: [{ method: 'POST', path: '/v1/devices/{DeviceId}/wifi/start' }],
});
