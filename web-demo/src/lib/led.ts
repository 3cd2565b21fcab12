/** The colours of a device's LEDs. */
import type { RcspClient } from '../../../src/client/index.js';
import { ledMemory } from './led-memory.js';

/** Red, green and blue, each 0 to 255. */
export interface Colour {
  readonly Red: number;
  readonly Green: number;
  readonly Blue: number;
}

export function toHex({ Red, Green, Blue }: Colour): string {
  return `#${[Red, Green, Blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

/** Parses `#1a2b3c`; undefined while the text is incomplete. */
export function fromHex(text: string): Colour | undefined {
  if (!/^#[0-9a-f]{6}$/i.test(text)) return undefined;
  const part = (from: number): number => parseInt(text.slice(from, from + 2), 16);
  return { Red: part(1), Green: part(3), Blue: part(5) };
}

/** The LED that the drawing of a device shows. */
export const RING = 'RingLed';

export interface LedColour extends Colour {
  readonly LedId: string;
}

/** Rejects with an `RcspError`; the colour of the ring is remembered, for it cannot be read back. */
export async function sendColour(client: RcspClient, DeviceId: number, value: LedColour): Promise<void> {
  await client.call('SetColorLed', { DeviceId, ...value });
  if (value.LedId === RING) ledMemory.set(DeviceId, toHex(value));
}
