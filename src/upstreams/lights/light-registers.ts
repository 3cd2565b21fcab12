/** The registers of a light array, what each takes, and the row of CSV that stands for it. */
import { z } from 'zod';

const power = z.int().min(0).max(100).describe('Per cent of full power; 0 is off.');
const on = z.boolean().describe('On or off.');
const shutterMs = z.int().min(0).max(109).describe('Milliseconds of the shutter; 0 is off.');
const drive = z.enum(['single', 'continuous']).describe("The camera's drive mode.");

export const step = z
  .discriminatedUnion('register', [
    z.strictObject({ register: z.literal('MODEL_LIGHT'), power }),
    z.strictObject({ register: z.literal('LED_FAN'), on }),
    z.strictObject({ register: z.literal('DIGITAL_POLARIZER'), on }),
    z.strictObject({ register: z.literal('ALL_4_NIKON'), power }),
    z.strictObject({ register: z.literal('ALL_4_CANON'), power, shutterMs }),
    z.strictObject({ register: z.literal('OLAT_4_NIKON'), power, drive }),
    z.strictObject({ register: z.literal('OLAT_4_CANON'), power, drive }),
  ])
  .meta({
    id: 'LightStep',
    description: 'One row of a sequence. Every parameter of its register is required.',
  });

export type Step = z.output<typeof step>;

/** Rows of one sequence. Its message stays below 16 kB, which a node that reads only once takes. */
export const MAX_STEPS = 400;

export const sequence = z
  .strictObject({
    steps: z.array(step).min(1).max(MAX_STEPS).describe('In the order in which they run.'),
    standalone: z
      .boolean()
      .default(false)
      .describe(
        'True: the node also runs it by itself whenever it starts. `LED_FAN` should come first then.',
      ),
  })
  .meta({ id: 'LightSequence', description: 'What a light array runs.' });

export type Sequence = z.output<typeof sequence>;

/** What a row may look like, whatever made it. */
const ROW = /^[A-Z][A-Z0-9_]{0,31}(,\d{1,3}){1,2}$/;

/** `ALL_4_CANON,80,105` @throws Error for what no step can give: a defect, which must not reach a shell */
export function rowOf(each: Step): string {
  const row = [each.register, ...parametersOf(each)].join(',');
  if (!ROW.test(row)) throw new Error(`${JSON.stringify(each)} makes no row`);
  return row;
}

function parametersOf(each: Step): readonly number[] {
  switch (each.register) {
    case 'MODEL_LIGHT':
    case 'ALL_4_NIKON':
      return [each.power];
    case 'LED_FAN':
    case 'DIGITAL_POLARIZER':
      return [each.on ? 1 : 0];
    case 'ALL_4_CANON':
      return [each.power, each.shutterMs];
    case 'OLAT_4_NIKON':
    // The vendor's page could not be read to its end here: there may be more parameters.
    case 'OLAT_4_CANON':
      return [each.power, each.drive === 'continuous' ? 1 : 0];
  }
}
