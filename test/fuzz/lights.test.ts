import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/access.js';
import { startGateway, startSimulator, until } from '../support/gateway.js';
import { startLight } from '../support/lights.js';
import { budget, oddJson, oddText, timeLimit, watchForDefects } from './arbitraries.js';

const SECONDS = 10;
/** Every script that the typed operations may send. */
const SAFE =
  /^\{ (boardiocli runSeq|printf '%s\\n'( '[A-Z][A-Z0-9_]*(,\d{1,3}){1,2}')+ > (~\/la4_sequence|\/home\/rigsters\/la4_sequence_standalone)\.csv && boardiocli uSeq(Standalone)?); \} 2>&1 && echo @@[0-9a-f]{16}:ok \|\| echo @@[0-9a-f]{16}:failed$/;

const value = fc.oneof(
  oddJson,
  oddText,
  fc.constantFrom<unknown>(
    "'; reboot; '",
    '$(reboot)',
    '`reboot`',
    '\n',
    '1\n2',
    0,
    50,
    100,
    101,
    true,
    'single',
  ),
);
const step = fc.record({
  register: fc.oneof(fc.constantFrom('MODEL_LIGHT', 'LED_FAN', 'ALL_4_CANON', 'OLAT_4_NIKON'), value),
  power: value,
  shutterMs: value,
  drive: value,
  on: value,
});
/** Parameters that do not belong to a register are left out now and then, so that some requests fit. */
const steps = fc.array(
  fc.oneof(
    step,
    step.map(({ register, power }) => ({ register, power })),
    step.map(({ register, on }) => ({ register, on })),
    step.map(({ power, shutterMs }) => ({ register: 'ALL_4_CANON', power, shutterMs })),
    step.map(({ power, drive }) => ({ register: 'OLAT_4_NIKON', power, drive })),
  ),
  { minLength: 1, maxLength: 4 },
);
const request = fc.oneof(
  fc.tuple(fc.constant('sequence'), fc.record({ steps, standalone: fc.oneof(fc.boolean(), value) })),
  fc.tuple(fc.constant('sequence'), fc.record({ steps })),
  fc.tuple(fc.constant('model-light'), fc.record({ power: value })),
  fc.tuple(fc.constantFrom('fan', 'polarizer'), fc.record({ on: value })),
);

test(
  'no request puts anything but registers and numbers before the shell of a node',
  async () => {
    const defects = watchForDefects();
    const light = await startLight({ speed: 100 });
    const node = `127.0.0.1:${light.address.port}`;
    const gateway = await startGateway((await startSimulator()).port, {
      lights: node,
      lightsListen: '127.0.0.1:0',
      stateFolder: temporaryFolder(),
      logLevel: 'error',
    });
    await until(() => gateway.app.lights.nodes[0]?.state === 'connected');
    const target = fc.oneof(
      { weight: 9, arbitrary: fc.constant(node) },
      oddText.map((text) => encodeURIComponent(Buffer.from(text).toString()) || '-'),
    );
    await fc.assert(
      fc.asyncProperty(request, target, async ([what, body], to) => {
        light.commands.length = 0;
        const { status } = await gateway.put(`/v1/lights/${to}/${what}`, body);
        expect([204, 400, 404]).toContain(status);
        if (status !== 204) expect(light.commands).toEqual([]);
        for (const command of light.commands) expect(command).toMatch(SAFE);
        expect(defects).toEqual([]);
      }),
      budget(300, SECONDS),
    );
  },
  timeLimit(SECONDS),
);
