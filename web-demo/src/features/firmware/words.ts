/** One kind of firmware update. */
export interface UpdateKind {
  readonly command: string;
  /** Path below `v1/devices/<DeviceId>/`. */
  readonly path: string;
  readonly label: string;
  /** The label within a sentence. */
  readonly phrase: string;
  readonly takesForce: boolean;
  readonly takesBoot: boolean;
}

export const DEVICE_FIRMWARE: UpdateKind = {
  command: 'UpdateFirmware',
  path: 'firmware',
  label: 'Device firmware',
  phrase: 'firmware',
  takesForce: true,
  takesBoot: false,
};

export const UPDATE_KINDS: readonly UpdateKind[] = [
  DEVICE_FIRMWARE,
  {
    command: 'UpdateSensorFirmware',
    path: 'sensors/firmware',
    label: 'Sensor firmware',
    phrase: 'sensor firmware',
    takesForce: true,
    takesBoot: true,
  },
  {
    command: 'UpdateWifiModule',
    path: 'wifi/firmware',
    label: 'Wi-Fi module firmware',
    phrase: 'Wi-Fi module firmware',
    takesForce: false,
    takesBoot: false,
  },
];

export function kindLabel(command: string): string {
  return UPDATE_KINDS.find((kind) => kind.command === command)?.label ?? command;
}

export function kindPhrase(command: string): string {
  return UPDATE_KINDS.find((kind) => kind.command === command)?.phrase ?? command;
}
