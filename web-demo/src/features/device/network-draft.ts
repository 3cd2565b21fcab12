/** Network settings: their validation, and how a scanned network is applied to them. */

export interface ByteText {
  readonly Raw: readonly number[];
  readonly Str: string;
}

/** As the device reports them. Unknown values are sent back unchanged. */
export interface NetworkSettings {
  readonly HubAddr: number;
  readonly DhcpMode: number;
  readonly ChannelNo: number;
  readonly SecurityType: string;
  readonly ServerIp: string;
  readonly ServerPort: number;
  readonly DeviceIp: string;
  readonly Gateway: string;
  readonly Band: number;
  readonly Ssid: ByteText;
  readonly Psk: ByteText;
}

/** A network found by a scan of the device. */
export interface ScannedNetwork {
  readonly ChannelNo: number;
  readonly SecurityMode: string;
  readonly Rssi: number;
  readonly Ssid: ByteText;
  readonly Bssid: ByteText;
}

export const SECURITY_TYPES = ['Open', 'WPA2', 'WPA3_Personal'] as const;
export type SecurityType = (typeof SECURITY_TYPES)[number];

export const BANDS = [
  { value: '0', label: '2.4 GHz' },
  { value: '1', label: '5 GHz' },
  { value: '2', label: 'Both' },
] as const;

const NO_BYTES: ByteText = { Raw: [], Str: '' };
/** The highest channel of the 2.4 GHz band. */
const LAST_LOW_CHANNEL = 14;

export function textBytes(text: string): ByteText {
  return { Raw: [...new TextEncoder().encode(text)], Str: text };
}

export function isSecurityType(text: string): text is SecurityType {
  return SECURITY_TYPES.some((each) => each === text);
}

export function isBand(number: number): number is 0 | 1 | 2 {
  return number === 0 || number === 1 || number === 2;
}

/** Clears the key unless the network stays the same. */
export function withNetwork(settings: NetworkSettings, scanned: ScannedNetwork): NetworkSettings {
  const { ChannelNo, SecurityMode, Ssid } = scanned;
  const isSame = Ssid.Str === settings.Ssid.Str && SecurityMode !== 'Open';
  return {
    ...settings,
    Ssid,
    ChannelNo,
    Band: ChannelNo > LAST_LOW_CHANNEL ? 1 : 0,
    SecurityType: isSecurityType(SecurityMode) ? SecurityMode : settings.SecurityType,
    Psk: isSame ? settings.Psk : NO_BYTES,
  };
}

/** By field, why the settings cannot be sent. */
export function faultsOf(settings: NetworkSettings): Partial<Record<keyof NetworkSettings, string>> {
  const { Ssid, Psk, SecurityType, ChannelNo, ServerPort } = settings;
  const isWhole = (number: number, low: number, high: number): boolean =>
    Number.isInteger(number) && number >= low && number <= high;
  return {
    ...((Ssid.Raw.length === 0 || Ssid.Raw.length > 32) && { Ssid: '1 to 32 bytes' }),
    ...(SecurityType !== 'Open' &&
      (Psk.Raw.length < 8 || Psk.Raw.length > 64) && { Psk: 'A key of 8 to 63 characters' }),
    ...(!isWhole(ChannelNo, 0, 255) && { ChannelNo: 'A whole number' }),
    ...(!isWhole(ServerPort, 0, 65_535) && { ServerPort: '0 to 65535' }),
    ...(!isSecurityType(SecurityType) && { SecurityType: 'Choose one of these' }),
    ...addressFaults(settings),
    ...numberFaults(settings),
  };
}

function addressFaults(settings: NetworkSettings): Partial<Record<keyof NetworkSettings, string>> {
  const keys = ['ServerIp', 'DeviceIp', 'Gateway'] as const;
  const bad = keys.filter((key) => !/^[0-9a-f.:]+$/i.test(settings[key]));
  return Object.fromEntries(bad.map((key) => [key, 'An IP address']));
}

function numberFaults(settings: NetworkSettings): Partial<Record<keyof NetworkSettings, string>> {
  const keys = ['HubAddr', 'DhcpMode'] as const;
  return Object.fromEntries(
    keys.filter((key) => !Number.isFinite(settings[key])).map((key) => [key, 'A number']),
  );
}

export function byStrength(networks: readonly ScannedNetwork[]): ScannedNetwork[] {
  return [...networks].sort((a, b) => b.Rssi - a.Rssi);
}

/** Signal strength as bars out of four, and as a word. */
export function strength(rssi: number): { readonly bars: number; readonly word: string } {
  if (rssi >= -55) return { bars: 4, word: 'Strong' };
  if (rssi >= -67) return { bars: 3, word: 'Good' };
  if (rssi >= -78) return { bars: 2, word: 'Fair' };
  return { bars: 1, word: 'Weak' };
}

/** As people call it. */
export function securityText(security: string): string {
  return security === 'WPA3_Personal' ? 'WPA3' : security;
}

export function bandText(band: number): string {
  return BANDS.find(({ value }) => value === String(band))?.label ?? `Band ${band}`;
}

/** `1c:c2:a0:c5:1f:01` for `0x1cc2a0c51f01`; anything else as it is. */
export function macText(address: string): string {
  const [, digits] = /^(?:0x)?([0-9a-f]{12})$/i.exec(address) ?? [];
  return digits === undefined ? address : (digits.toLowerCase().match(/../g) ?? []).join(':');
}
