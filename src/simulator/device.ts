import type { Random } from './random.js';
import type { Bytes, Vector, Version } from './values.js';
import { rawBytes, textBytes, version } from './values.js';

export const DEVICE_TYPES = ['SmartSuitPro', 'Smartgloves', 'CoilPro'] as const;
export type DeviceType = (typeof DEVICE_TYPES)[number];

export interface Led {
  /** 0 to 255 each; undefined for an LED without colours. */
  color?: { Red: number; Green: number; Blue: number };
  behavior?: string;
}

/** `rcsp_net_settings`; keeps unknown fields that a client sent. */
export interface NetworkSettings {
  readonly Ssid: Bytes;
  readonly Psk: Bytes;
  readonly [key: string]: unknown;
}

/** Production data, which `SetProductionInfo` overwrites. */
export interface Production {
  deviceType: DeviceType;
  hwVersion: Version;
  boardId: number;
  date: number;
  epoch: number;
  /** Only meaningful for Smartgloves. */
  isLeft: boolean;
}

/** One device and the state that commands change. */
export interface Device {
  readonly id: number;
  readonly type: DeviceType;
  readonly connectionType: 'Serial' | 'UDP';
  readonly updatable: boolean;
  readonly uniqueId: Bytes;
  readonly serialNumber: Bytes;
  readonly production: Production;
  readonly leds: ReadonlyMap<string, Led>;
  isBootloader: boolean;
  name: string;
  fwVersion: Version;
  sensorFwVersion: Version;
  wifiFwVersion: Version;
  frameRate: number;
  emfChannel: number;
  /** mG */
  magnetometerOffset: Vector;
  network: NetworkSettings;
  wifiStarted: boolean;
  streaming: boolean;
  smoothing: boolean;
  calibrated: boolean;
}

/** Device types in the order of ids; further devices repeat it. */
const LINE_UP = [
  { type: 'SmartSuitPro', name: 'Suit', isLeft: false },
  { type: 'Smartgloves', name: 'Left glove', isLeft: true },
  { type: 'Smartgloves', name: 'Right glove', isLeft: false },
  { type: 'CoilPro', name: 'Coil', isLeft: false },
] as const;

/** ProdBoardId, and the prefix of serial numbers. */
const BOARDS = {
  SmartSuitPro: { boardId: 11, letters: 'SSP' },
  Smartgloves: { boardId: 23, letters: 'SGV' },
  CoilPro: { boardId: 37, letters: 'CLP' },
} as const;

/** Devices that work together use one. */
const EMF_CHANNEL = 3;
/** Patch and build of each type's firmware. */
const FIRMWARE = { SmartSuitPro: [8, 391], Smartgloves: [4, 530], CoilPro: [5, 451] } as const;

export function lineUpType(id: number): DeviceType {
  return lineUp(id).type;
}

/** Ids count from 1. `type` overrides the type of the line-up. */
export function makeDevice(id: number, random: Random, type: DeviceType = lineUpType(id)): Device {
  const place = lineUp(id, type);
  const round = Math.ceil(id / LINE_UP.length);
  const wireless = type === 'SmartSuitPro';
  return {
    id,
    type,
    connectionType: wireless ? 'UDP' : 'Serial',
    updatable: type !== 'CoilPro',
    uniqueId: rawBytes(random, 12),
    serialNumber: textBytes(`${BOARDS[type].letters}${random.integer(100_000, 999_999)}${id}`),
    production: makeProduction(type, place.isLeft, random),
    leds: makeLeds(type),
    isBootloader: false,
    name: round === 1 && type === lineUpType(id) ? place.name : `${place.name} ${id}`,
    ...makeVersions(type, random),
    frameRate: 100,
    emfChannel: EMF_CHANNEL,
    magnetometerOffset: { X: 0, Y: 0, Z: 0 },
    network: makeNetwork(id),
    wifiStarted: wireless,
    streaming: wireless,
    smoothing: false,
    calibrated: false,
  };
}

function lineUp(id: number, type?: DeviceType): (typeof LINE_UP)[number] {
  const usual = LINE_UP[(id - 1) % LINE_UP.length] ?? LINE_UP[0];
  if (type === undefined || type === usual.type) return usual;
  return LINE_UP.find((one) => one.type === type) ?? usual;
}

function makeProduction(type: DeviceType, isLeft: boolean, random: Random): Production {
  const epoch = random.integer(1_672_531_200, 1_735_689_600);
  return {
    deviceType: type,
    hwVersion: version(2, random.integer(0, 3), 0),
    boardId: BOARDS[type].boardId,
    date: Number(new Date(epoch * 1000).toISOString().slice(0, 10).replaceAll('-', '')),
    epoch,
    isLeft,
  };
}

function makeLeds(type: DeviceType): ReadonlyMap<string, Led> {
  const status: [string, Led] = ['StatusLed', { behavior: 'On' }];
  if (type === 'CoilPro') return new Map();
  if (type === 'SmartSuitPro') return new Map([status]);
  return new Map([status, ['RingLed', { color: { Red: 0, Green: 0, Blue: 0 } }]]);
}

type Versions = Pick<Device, 'fwVersion' | 'sensorFwVersion' | 'wifiFwVersion'>;

/** Devices of one type run one firmware, as in a studio that is looked after. */
function makeVersions(type: DeviceType, random: Random): Versions {
  const [patch, build] = FIRMWARE[type];
  return {
    fwVersion: version(3, 2, patch, build),
    sensorFwVersion: version(1, 8, random.integer(0, 9)),
    wifiFwVersion: version(4, 1, random.integer(0, 9)),
  };
}

function makeNetwork(id: number): NetworkSettings {
  return {
    HubAddr: id,
    DhcpMode: 1,
    ChannelNo: 36,
    SecurityType: 'WPA2',
    ServerIp: '192.168.1.10',
    ServerPort: 14041,
    DeviceIp: `192.168.1.${100 + (id % 100)}`,
    Gateway: '192.168.1.1',
    Band: 1,
    Ssid: textBytes('Mocap Stage A'),
    Psk: textBytes('simulated-key'),
  };
}
