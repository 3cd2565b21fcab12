/** Commands about a device's Wi-Fi. */
import { scanNetwork, setNetworkConfiguration } from '../catalog/rcsp/network-commands.js';
import type { ResponseOf } from '../catalog/index.js';
import type { Call, DeviceBehaviour } from './behaviour.js';
import { deviceBehaviour, work } from './behaviour.js';
import type { Device } from './device.js';
import { rawBytes, textBytes } from './values.js';

type ScanResult = ResponseOf<'ScanNetwork'>['ScanResults'][number];

/** Simulated milliseconds. */
const SCAN_MS = 3000;
const START_MS = 1000;

/** Band: 0 is 2.4 GHz, 1 is 5 GHz. */
const NETWORKS = [
  { band: 1, ChannelNo: 36, SecurityMode: 'WPA2', Rssi: -46, ssid: 'Mocap Stage A' },
  { band: 1, ChannelNo: 36, SecurityMode: 'WPA3_Personal', Rssi: -58, ssid: 'Mocap Stage B' },
  { band: 1, ChannelNo: 44, SecurityMode: 'WPA2', Rssi: -63, ssid: 'Office' },
  { band: 1, ChannelNo: 100, SecurityMode: 'WPA2', Rssi: -78, ssid: 'Café Kulisse' },
  { band: 0, ChannelNo: 1, SecurityMode: 'WPA2', Rssi: -55, ssid: 'Office' },
  { band: 0, ChannelNo: 6, SecurityMode: 'Open', Rssi: -69, ssid: 'Guests' },
  { band: 0, ChannelNo: 6, SecurityMode: 'WPA2', Rssi: -81, ssid: 'Printer 4711' },
  { band: 0, ChannelNo: 11, SecurityMode: 'WPA2', Rssi: -73, ssid: 'Prop room' },
] as const;
const BOTH_BANDS = 2;

export const NETWORK_BEHAVIOURS: ReadonlyMap<string, DeviceBehaviour> = new Map<string, DeviceBehaviour>([
  [
    'GetWifiVersion',
    ({ wifiFwVersion: { Major, Minor, Patch } }) => ({ WifiFwVersion: `${Major}.${Minor}.${Patch}` }),
  ],
  [
    'SetNetworkConfiguration',
    deviceBehaviour(setNetworkConfiguration.arguments, (device, { Settings }) => {
      device.network = Settings;
    }),
  ],
  ['GetNetworkConfiguration', (device) => device.network],
  [
    'ScanNetwork',
    deviceBehaviour(scanNetwork.arguments, (device, { Band }, call) => scan(device, Band, call)),
  ],
  ['StartWifi', startWifi],
]);

async function scan(device: Device, band: number, call: Call): Promise<ResponseOf<'ScanNetwork'>> {
  await work(device, call, SCAN_MS);
  const { random } = call.studio.world;
  const heard = NETWORKS.filter((network) => band === BOTH_BANDS || network.band === band);
  const results = heard.map(({ ChannelNo, SecurityMode, Rssi, ssid }): ScanResult => ({
    ChannelNo,
    SecurityMode,
    Rssi: Rssi + random.integer(-4, 4),
    Ssid: textBytes(ssid),
    Bssid: rawBytes(random, 6),
  }));
  return { ScanResults: random.shuffle(results) };
}

async function startWifi(device: Device, call: Call): Promise<void> {
  await work(device, call, START_MS);
  device.wifiStarted = true;
}
