/** Commands about the LEDs of a device. */
import { z } from 'zod';
import { defineCommand } from '../define.js';
import { deviceId } from './fields.js';
import { write } from './policies.js';

/** Open: the specification names only the LEDs of Smartgloves II. */
const ledId = (known: string): z.ZodString =>
  z
    .string()
    .min(1)
    .describe(`Name of the LED: \`${known}\` on Smartgloves II; other devices may have others.`);

const component = (colour: string): z.ZodInt => z.int().min(0).max(255).describe(`${colour}, 0 to 255.`);

/** `rcsp_set_color_led_arg`. */
export const setColorLed = defineCommand({
  name: 'SetColorLed',
  specOrder: 31,
  version: 1,
  target: 'device',
  tag: 'LEDs',
  summary: 'Set the colour of an LED',
  description: 'Red, green and blue, each from 0 (off) to 255 (full).',
  arguments: z.looseObject({
    DeviceId: deviceId,
    LedId: ledId('RingLed'),
    Red: component('Red'),
    Green: component('Green'),
    Blue: component('Blue'),
  }),
  response: null,
  example: { arguments: { DeviceId: 2, LedId: 'RingLed', Red: 0, Green: 128, Blue: 255 }, response: null },
  policy: write(),
  routes: [{ method: 'PUT', path: '/v1/devices/{DeviceId}/leds/{LedId}/color' }],
});

/** `rcsp_set_led_behavior_arg`. */
export const setLedBehavior = defineCommand({
  name: 'SetLedBehavior',
  specOrder: 32,
  version: 1,
  target: 'device',
  tag: 'LEDs',
  summary: 'Switch an LED on or off',
  description: 'For LEDs that have a behaviour rather than a colour.',
  arguments: z.looseObject({
    DeviceId: deviceId,
    LedId: ledId('StatusLed'),
    BehaviorType: z.enum(['On', 'Off']).describe('What the LED does.'),
  }),
  response: null,
  example: { arguments: { DeviceId: 2, LedId: 'StatusLed', BehaviorType: 'On' }, response: null },
  policy: write(),
  routes: [{ method: 'PUT', path: '/v1/devices/{DeviceId}/leds/{LedId}/behavior' }],
});
