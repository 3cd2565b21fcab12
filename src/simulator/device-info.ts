/** The answer to `GetDeviceInfo`. */
import type { ResponseOf } from '../catalog/index.js';
import type { Device } from './device.js';
import type { Random } from './random.js';
import { sensorLocations } from './self-test.js';
import { rawBytes, version } from './values.js';
import type { World } from './world.js';

type DeviceInfo = ResponseOf<'GetDeviceInfo'>;
type SensorInfo = ResponseOf<'ReadSensorFwInfo'>['Sensors'][number];

const HEADERS = { SmartSuitPro: 'RKKSSP', Smartgloves: 'RKKSGV', CoilPro: 'RKKCLP' } as const;

export function deviceInfo(world: World, device: Device): DeviceInfo {
  const { production } = device;
  return {
    Header: HEADERS[device.type],
    IdUnique: device.uniqueId,
    FwVersion: device.fwVersion,
    BootVersion: version(1, 4, 0),
    UsbApiVersion: version(2, 1, 0),
    WifiApiVersion: version(2, 0, 0),
    BtApiVersion: version(1, 0, 0),
    HubSerialNumber: device.serialNumber,
    ProdAssyRaw: production.boardId * 65_536 + device.id,
    DeviceType: production.deviceType,
    HwVersion: production.hwVersion,
    ProdBoardId: production.boardId,
    ProdDate: production.date,
    ProdEpoch: production.epoch,
    BuildEpoch: 1_735_689_600,
    ...deviceSpecific(world, device),
  };
}

function deviceSpecific(world: World, { production }: Device): Partial<DeviceInfo> {
  if (production.deviceType === 'Smartgloves') return { Smartgloves: { IsLeft: production.isLeft } };
  if (production.deviceType === 'SmartSuitPro') return { SmartSuitPro: { Features: features(world) } };
  return {};
}

/** Bit 0 glove ready, 1 left glove, 2 right glove, 3 ST sensors. */
function features(world: World): NonNullable<DeviceInfo['SmartSuitPro']>['Features'] {
  const gloves = [...world.devices.values()].filter(({ type }) => type === 'Smartgloves');
  const left = gloves.some(({ production }) => production.isLeft);
  const right = gloves.some(({ production }) => !production.isLeft);
  return {
    Bitmask: 0b1001 + (left ? 0b10 : 0) + (right ? 0b100 : 0),
    IsGloveReady: true,
    HasLeftGlove: left,
    HasRightGlove: right,
    HasSTSensor: true,
  };
}

export function sensorFirmware(random: Random, device: Device): SensorInfo[] {
  return sensorLocations(device.type).map((_location, index) => sensorInfo(random, device, index + 1));
}

function sensorInfo(random: Random, device: Device, Addr: number): SensorInfo {
  return {
    Addr,
    // Address in the top byte, then data, module and command.
    RawHeading: Addr * 2 ** 24 + 0x010203,
    Signature: 0x5253,
    FwVersion: device.sensorFwVersion,
    BootVersion: version(1, 1, 0),
    BootStatus: 0,
    BootStatusStr: 'Ok',
    IsCalibrated: 1,
    ValidCalib: true,
    Epoch: device.production.epoch,
    CalibrationID: 1000 + device.id * 100 + Addr,
    IdUnique: rawBytes(random, 8),
    SensorSetupStatus: 0,
    BuildNumber: 412,
    ProdAssyRaw: 0x0101_0000 + Addr,
    HwVersion: version(1, 2, 0),
    Vendor: 'ST',
    InBootloader: false,
  };
}
