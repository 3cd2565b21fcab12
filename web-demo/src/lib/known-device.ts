/** One device; unknown values are undefined. Times are milliseconds since 1970. */
export interface DeviceCard {
  readonly id: number;
  readonly type: string;
  readonly connection: string;
  readonly updatable: boolean;
  readonly bootloader: boolean;
  readonly name: string | undefined;
  readonly firmware: string | undefined;
  /** The hand of a glove. */
  readonly side: 'left' | 'right' | undefined;
  /** For which hands a suit has gloves. */
  readonly gloves: { readonly left: boolean; readonly right: boolean } | undefined;
  readonly emfChannel: number | undefined;
  /** It was asked for all of this, whatever it answered. */
  readonly isDescribed: boolean;
  /** The commands that devices of its type offer. */
  readonly commands: ReadonlySet<string> | undefined;
  /** When it last connected, as far as that was seen. */
  readonly connectedAt: number | undefined;
  /** When the page last received anything about it. */
  readonly lastSeen: number | undefined;
  /** The last calibration since the device connected, as far as the gateway's history reaches. */
  readonly calibrated: Calibration | undefined;
  /** When it disconnected; undefined while it is connected. */
  readonly goneSince: number | undefined;
}

export interface Calibration {
  readonly at: number;
  readonly success: boolean;
}
