import type { RcspClient } from '../../../src/client/index.js';

const LED = 'StatusLed';
const BLINKS = 5;
const HALF_MS = 500;

/** Blinks the status LED for five seconds, and leaves it on: what it was before cannot be asked. @throws RcspError */
export async function findDevice(client: RcspClient, DeviceId: number): Promise<void> {
  for (let blink = 0; blink < BLINKS; blink += 1) {
    for (const BehaviorType of ['Off', 'On'] as const) {
      await client.call('SetLedBehavior', { DeviceId, LedId: LED, BehaviorType });
      await new Promise((resolve) => setTimeout(resolve, HALF_MS));
    }
  }
}
