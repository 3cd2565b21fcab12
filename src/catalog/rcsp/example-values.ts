/** Values that several examples share. */

export interface PrintableBytes {
  Raw: number[];
  Str: string;
}

/** Text as `rcsp_printable_byte_array`. */
export function text(value: string): PrintableBytes {
  return { Raw: [...new TextEncoder().encode(value)], Str: value };
}

/** Bytes that are no text as `rcsp_printable_byte_array`: `0x3a0047…`. */
export function bytes(...raw: number[]): PrintableBytes {
  return { Raw: raw, Str: `0x${raw.map((byte) => byte.toString(16).padStart(2, '0')).join('')}` };
}

/** The settings of a SmartSuitPro on a studio's own 5 GHz network. */
export const networkSettings = {
  HubAddr: 1,
  DhcpMode: 1,
  ChannelNo: 36,
  SecurityType: 'WPA2',
  ServerIp: '192.168.10.20',
  ServerPort: 14041,
  DeviceIp: '192.168.10.51',
  Gateway: '192.168.10.1',
  Band: 1,
  Ssid: text('Stage A'),
  Psk: text('an example passphrase'),
} as const;
