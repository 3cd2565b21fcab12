import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { FrameDecoder, FrameError } from '../../src/upstreams/rcsp/protocol/frame.js';
import { parseServerMessage } from '../../src/upstreams/rcsp/protocol/message.js';
import { problemOf, startGateway, startSimulator, until } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { frame } from '../support/scripted-server.js';
import { budget, nearMiss, oddJson, oddText, timeLimit, watchForDefects } from './arbitraries.js';
import { Studio } from './spoilt-studio.js';
import type { Behaviour } from './spoilt-studio.js';

const LIMIT = 4096;

interface Heard {
  readonly type: number;
  readonly payload: string;
}

interface Reading {
  readonly frames: readonly Heard[];
  readonly fault: string | undefined;
  readonly allocated: number;
}

/** What comes out of the decoder; any error that is not declared is thrown on. */
function read(chunks: readonly Buffer[]): Reading {
  const frames: Heard[] = [];
  const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow');
  const decoder = new FrameDecoder(
    (type, payload) => frames.push({ type, payload: payload.toString('hex') }),
    LIMIT,
  );
  let fault: string | undefined;
  try {
    for (const chunk of chunks) decoder.push(chunk);
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    fault = error.kind;
  }
  const allocated = Math.max(0, ...allocate.mock.calls.map(([size]) => size));
  allocate.mockRestore();
  return { frames, fault, allocated };
}

function cutAt(stream: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, i = 0; at < stream.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    chunks.push(stream.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

const sizes = fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 12 });
const bytes = fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each));
const type = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 1, arbitrary: fc.nat(255) },
);

/** What a server says, right and wrong. */
const message = fc.oneof(
  fc.record({ Status: fc.constant('Ok'), TrackId: oddText, Response: fc.jsonValue() }),
  fc.record({
    Status: fc.constant('Error'),
    TrackId: oddText,
    Error: fc.record({ Code: oddText, Message: oddText }),
  }),
  fc.record({ Publisher: oddText, Topic: oddText, EventData: fc.jsonValue() }),
);

/** A key spelt with escapes is found by another way than a plain one. */
const escapedKey = fc
  .tuple(oddText, oddJson)
  .map(([id, odd]) => `{"TrackId":${JSON.stringify(id)},"Re\\u0073ponse":${odd}}`);
const plainKey = fc
  .tuple(oddText, oddJson)
  .map(([id, odd]) => `{"TrackId":${JSON.stringify(id)},"Response":${odd}}`);

const payload: Arbitrary<Buffer> = fc.oneof(
  bytes,
  fc.oneof(nearMiss(message), oddJson, escapedKey, plainKey).map((text) => Buffer.from(text)),
);

const validFrame = fc.tuple(type, payload).map(([kind, body]) => frame(kind, body.subarray(0, LIMIT)));

const brokenFrame = fc
  .tuple(
    type,
    bytes,
    fc.record(
      {
        marker: fc.nat(255),
        version: fc.nat(255),
        headerSize: fc.nat(255),
        payloadSize: fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 0xffffffff })),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([kind, body, faults]) => frame(kind, body, faults));

const stream = fc
  .array(fc.oneof({ weight: 3, arbitrary: validFrame }, brokenFrame, bytes), { maxLength: 8 })
  .map((parts) => Buffer.concat(parts));

describe('FrameDecoder with any bytes', () => {
  test('decoding fails only with documented errors, the same for every grouping of the bytes', () => {
    fc.assert(
      fc.property(stream, sizes, (whole, cuts) => {
        const atOnce = read([whole]);
        const cut = read(cutAt(whole, cuts));
        expect(cut.frames).toEqual(atOnce.frames);
        expect(cut.fault).toBe(atOnce.fault);
        expect(Math.max(cut.allocated, atOnce.allocated)).toBeLessThanOrEqual(LIMIT);
      }),
      budget(1500, 3),
    );
  });

  test('the decoder returns every valid frame before any garbage', () => {
    const frames = fc.array(fc.tuple(type, bytes), { maxLength: 8 });
    fc.assert(
      fc.property(frames, bytes, sizes, (sent, garbage, cuts) => {
        const whole = Buffer.concat([...sent.map(([kind, body]) => frame(kind, body)), garbage]);
        const wanted = sent.map(([kind, body]) => ({ type: kind, payload: body.toString('hex') }));
        expect(read(cutAt(whole, cuts)).frames.slice(0, wanted.length)).toEqual(wanted);
      }),
      budget(800, 2),
    );
  });

  test('the decoder refuses a payload over the limit by its header alone', () => {
    const over = fc.integer({ min: LIMIT + 1, max: 0xffffffff });
    fc.assert(
      fc.property(over, type, sizes, (payloadSize, kind, cuts) => {
        const header = frame(kind, '', { payloadSize });
        expect(read(cutAt(header, cuts))).toEqual({ frames: [], fault: 'payload-size', allocated: 0 });
      }),
      budget(300, 1),
    );
  });
});

describe('the message parser with any payload', () => {
  test('parsing never throws', () => {
    fc.assert(
      fc.property(type, payload, (kind, body) => {
        const { kind: said } = parseServerMessage(kind, body);
        expect(['ok', 'error', 'event', 'unreadable']).toContain(said);
      }),
      budget(2500, 3),
    );
  });

  test.each(['[', '{"a":'])('parsing never throws for an answer of a hundred thousand %s', (open) => {
    const close = open === '[' ? ']' : '}';
    const deep = `${open.repeat(100_000)}0${close.repeat(100_000)}`;
    for (const key of ['Response', 'Re\\u0073ponse', 'Error', 'EventData']) {
      const body = Buffer.from(`{"TrackId":"a","Publisher":"a","Topic":"a","${key}":${deep}}`);
      for (const kind of [2, 3, 4, 9]) expect(() => parseServerMessage(kind, body)).not.toThrow();
    }
  });
});

const behaviours: Arbitrary<Behaviour> = fc.oneof(
  fc.record({
    kind: fc.constant('babbles' as const),
    chunks: fc.array(fc.oneof(bytes, validFrame, brokenFrame), { minLength: 1, maxLength: 5 }),
    hangsUp: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('garbles' as const),
    after: fc.oneof(fc.nat(60), fc.nat(20_000)),
    bytes,
    skip: fc.nat(20),
  }),
);

/** Commands end one way or another; that the gateway runs is not for the studio to decide. */
async function endures(gateway: Gateway): Promise<void> {
  const asked = ['/v1/info', '/v1/devices/1/name', '/v1/recording/tags'].map((path) =>
    gateway.get(path, { prefer: 'wait=1' }),
  );
  expect((await gateway.get('/live')).status).toBe(200);
  for (const reply of await Promise.all(asked)) {
    if (reply.status < 400) continue;
    expect(problemOf(reply).code).not.toBe('Internal error');
  }
}

describe('a gateway whose studio sends any bytes', () => {
  const SECONDS = 8;

  test(
    'the gateway ends every command and works again when the studio does',
    async () => {
      const defects = watchForDefects();
      const { port } = await startSimulator();
      const studio = await Studio.start(port);
      const gateway = await startGateway(studio.port, { poolSize: 2, logLevel: 'error' });
      const works = async (): Promise<boolean> =>
        (await gateway.get('/v1/info', { prefer: 'wait=1' })).status === 200;
      await fc.assert(
        fc.asyncProperty(behaviours, async (behaviour) => {
          const { connections } = studio;
          studio.behaviour = behaviour;
          studio.hangUp();
          await until(() => studio.connections > connections);
          await endures(gateway);
          studio.behaviour = { kind: 'works' };
          studio.hangUp();
          await until(works);
          expect(defects).toEqual([]);
        }),
        budget(20, SECONDS),
      );
      expect(gateway.lines).toEqual([]);
    },
    timeLimit(SECONDS),
  );

  test('the gateway survives an answer that is nested too deep to parse', async () => {
    const defects = watchForDefects();
    const { port } = await startSimulator();
    const studio = await Studio.start(port);
    const gateway = await startGateway(studio.port, { poolSize: 1, logLevel: 'error' });
    const deep = `{"TrackId":"a","Re\\u0073ponse":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    studio.behaviour = { kind: 'babbles', chunks: [frame(2, deep)], hangsUp: false };
    const { connections } = studio;
    studio.hangUp();
    await until(() => studio.connections > connections + 1);
    await endures(gateway);
    expect(defects).toEqual([]);
  });
});
