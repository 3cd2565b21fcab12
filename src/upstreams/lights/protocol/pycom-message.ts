/** The messages of pycom, both ways. Pure. */
import { isUtf8 } from 'node:buffer';
import { z } from 'zod';

/** What pycom wants in every message: who sends it, and where answers go. */
export interface BaseFields {
  /** Of the sending application; kept, so that a node knows its coordinator again. */
  readonly id: string;
  readonly name: string;
  readonly ip: string;
  /** The port on which the sender listens. */
  readonly port: number;
  readonly version: string;
  readonly coordinator: boolean;
}

const text = z.string().max(1000);

const base = z.looseObject({
  id: text,
  name: text,
  ip: text,
  port: z.int().min(0).max(65_535),
  version: text,
  coordinator: z.boolean().optional(),
});

/** Without `type_`, it is a heartbeat. */
const message = z.union([
  base.extend({ type_: z.literal('output'), output: z.string() }),
  base.extend({ type_: z.literal('message'), message: z.string() }),
  base.extend({
    type_: z.literal('unit_info'),
    wiringpi_version: text.optional(),
    boardio_version: text.optional(),
    firmware_version: text.optional(),
    unit_type: text.optional(),
    mcu_type: text.optional(),
    mac_address: text.optional(),
  }),
  base.extend({ type_: z.undefined() }),
]);

/** An event of a node as a channel carries it. */
export const pycomEvent = base
  .extend({
    type_: z.enum(['output', 'message', 'unit_info']).describe('What happened.'),
    output: z.string().optional().describe('Of `output`: what a command wrote.'),
    message: z.string().optional().describe('Of `message`: the text.'),
  })
  .meta({ id: 'PycomEvent', description: 'Byte for byte what a light array sent.' });

/** An event of a `State` channel. */
export const lightState = z
  .object({
    node: z.string().describe('Name of the light array.'),
    state: z.enum(['connected', 'unreachable']).describe('As in `GET /v1/lights`.'),
    since: z.number().describe('Milliseconds since 1970.'),
  })
  .meta({ id: 'LightState', description: 'How a light array stands.' });

export type PycomMessage = z.output<typeof message>;

/** A message from a node: what it says, and its bytes, which are valid JSON in UTF-8. */
export interface ReceivedMessage {
  readonly message: PycomMessage;
  readonly bytes: Buffer;
}

/** Undefined when the bytes are no message of pycom. Bytes that are not UTF-8 are replaced by U+FFFD. */
export function parseMessage(bytes: Buffer): ReceivedMessage | undefined {
  const decoded = bytes.toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(decoded);
  } catch {
    return undefined;
  }
  const parsed = message.safeParse(json);
  if (!parsed.success) return undefined;
  return { message: parsed.data, bytes: isUtf8(bytes) ? bytes : Buffer.from(decoded) };
}

/** A heartbeat. */
export function encodeHeartbeat(fields: BaseFields): Buffer {
  return Buffer.from(JSON.stringify(fields));
}

/** A command for the node's shell. */
export function encodeCommand(fields: BaseFields, command: string): Buffer {
  return Buffer.from(JSON.stringify({ ...fields, type_: 'cmd', command }));
}
