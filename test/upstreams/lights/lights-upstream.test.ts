import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../support/access.js';
import { until } from '../../support/gateway.js';
import { ask, ScriptedNode, sendBytes, startLight, startLights } from '../../support/lights.js';

const SEQUENCE = {
  steps: [
    { register: 'LED_FAN', on: true },
    { register: 'ALL_4_CANON', power: 80, shutterMs: 105 },
  ],
};

describe('a node', () => {
  test('becomes connected by its heartbeat and tells its unit once', async () => {
    const light = await startLight();
    const { lights, told } = await startLights([light.address]);
    const name = `127.0.0.1:${light.address.port}`;
    await until(() => told.events.some(({ channel }) => channel === `lights/${name}/Pycom/UnitInfo`));
    expect(lights.descriptions).toEqual([
      {
        node: name,
        id: '81639cd4',
        name: 'rigsters-controller-1',
        address: '127.0.0.1',
        port: light.address.port,
        version: '0.14.0',
        state: 'connected',
        since: expect.any(Number),
        lastHeardAt: expect.any(Number),
        unit: {
          wiringPiVersion: '2.61',
          boardioVersion: '1.3.0',
          firmwareVersion: '2.0.4',
          unitType: 'light_array',
          mcuType: 'RP2040',
          macAddress: 'dc:a6:32:1b:4e:f0',
        },
      },
    ]);
    expect(lights.find('81639cd4')).toBe(lights.find(name));
  });

  test('keeps its unit, its id and the gateway keeps its own id across restarts', async () => {
    const light = await startLight();
    const stateFile = join(temporaryFolder(), 'deep', 'lights.json');
    const first = await startLights([light.address], { stateFile });
    await until(() => first.lights.descriptions[0]?.unit !== null);
    first.lights.stop();
    const { coordinatorId } = JSON.parse(readFileSync(stateFile, 'utf8')) as { coordinatorId: string };
    expect(coordinatorId).toMatch(/^[0-9a-f]{8}$/);
    const second = await startLights([light.address], { stateFile });
    expect(second.lights.descriptions[0]).toMatchObject({ id: '81639cd4', unit: { mcuType: 'RP2040' } });
    expect((JSON.parse(readFileSync(stateFile, 'utf8')) as { coordinatorId: string }).coordinatorId).toBe(
      coordinatorId,
    );
  });

  test('a state file that cannot be read is replaced', async () => {
    const light = await startLight();
    const stateFile = join(temporaryFolder(), 'lights.json');
    writeFileSync(stateFile, '{');
    await startLights([light.address], { stateFile });
    expect(readFileSync(stateFile, 'utf8')).toContain('coordinatorId');
  });

  test('becomes unreachable when it takes no heartbeat, with a gap, and comes back by itself', async () => {
    const light = await startLight();
    const { lights, told } = await startLights([light.address], { heartbeatMs: 20, unreachableMs: 150 });
    const name = lights.nodes[0]!.name;
    await light.pause();
    await until(() => lights.nodes[0]?.state === 'unreachable');
    expect(told.lost).toEqual([
      ['Output', 'Message', 'UnitInfo', 'State'].map((topic) => `lights/${name}/Pycom/${topic}`),
    ]);
    await expect(ask(lights, name, 'SetLightFan', { on: true })).rejects.toMatchObject({
      code: 'Studio unreachable',
      outcome: 'not-sent',
    });
    await light.listen();
    await until(() => lights.nodes[0]?.state === 'connected');
    const states = told.events.filter(({ channel }) => channel.endsWith('/State')).map(({ text }) => text);
    expect(states.map((each) => (JSON.parse(each) as { state: string }).state)).toEqual([
      'connected',
      'unreachable',
      'connected',
    ]);
    expect(light.commands).toEqual([]);
  });

  test('a heartbeat has the base fields alone, with the port of the listener', async () => {
    const node = await ScriptedNode.start();
    const { lights } = await startLights([node.address]);
    expect(node.received[0]).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}$/),
      name: 'rcsp-gateway',
      ip: '127.0.0.1',
      port: lights.port,
      version: '0.14.0',
      coordinator: true,
    });
  });
});

describe('commands', () => {
  test('lights, fan and polarizer reach the board', async () => {
    const light = await startLight();
    const { lights } = await startLights([light.address]);
    const { name } = lights.nodes[0]!;
    await ask(lights, name, 'SetModelLight', { power: 40 });
    await ask(lights, name, 'SetLightFan', { on: true });
    await ask(lights, name, 'SetLightPolarizer', { on: false });
    expect(Object.fromEntries(light.board.registers)).toEqual({
      MODEL_LIGHT: [40],
      LED_FAN: [1],
      DIGITAL_POLARIZER: [0],
    });
  });

  test('a sequence is loaded again before it runs, for lights overwrite it', async () => {
    const light = await startLight();
    const { lights } = await startLights([light.address]);
    const { name } = lights.nodes[0]!;
    await expect(ask(lights, name, 'RunLightSequence')).rejects.toMatchObject({
      code: 'Invalid request',
      outcome: 'not-sent',
    });
    await ask(lights, name, 'SetLightSequence', SEQUENCE);
    await ask(lights, name, 'SetModelLight', { power: 5 });
    expect(light.board.loaded).toEqual(['MODEL_LIGHT,5']);
    await ask(lights, name, 'RunLightSequence');
    expect(light.board.loaded).toEqual(['LED_FAN,1', 'ALL_4_CANON,80,105']);
    expect(light.board.registers.get('ALL_4_CANON')).toEqual([80, 105]);
  });

  test.each([
    ['error', 'BOARDIO_ERROR: as ordered'],
    ['stderr', 'BOARDIO_CLI: cannot open the FIFO file'],
  ] as const)('the fault %s becomes a Device command error with its text', async (kind, detail) => {
    const light = await startLight({ faults: [{ kind, command: 'uSeq', count: 1 }] });
    const { lights } = await startLights([light.address]);
    const { name } = lights.nodes[0]!;
    const failed = ask(lights, name, 'SetModelLight', { power: 1 });
    await expect(failed).rejects.toMatchObject({ code: 'Device command error', message: detail });
    await ask(lights, name, 'SetModelLight', { power: 2 });
    expect(light.board.registers.get('MODEL_LIGHT')).toEqual([2]);
  });

  test('a node that says nothing ends in a timeout, and answers the next command', async () => {
    const light = await startLight({ faults: [{ kind: 'silent', count: 1 }] });
    const { lights } = await startLights([light.address]);
    const { name } = lights.nodes[0]!;
    await expect(ask(lights, name, 'SetModelLight', { power: 1 }, 100)).rejects.toMatchObject({
      code: 'Timeout',
      outcome: 'no-answer',
    });
    await ask(lights, name, 'SetModelLight', { power: 2 });
  });

  test('a run that is never complete ends in a timeout', async () => {
    const light = await startLight({ faults: [{ kind: 'endless', command: 'runSeq', count: 1 }] });
    const { lights } = await startLights([light.address]);
    const { name } = lights.nodes[0]!;
    await ask(lights, name, 'SetLightSequence', SEQUENCE);
    await expect(ask(lights, name, 'RunLightSequence', {}, 300)).rejects.toMatchObject({
      code: 'Timeout',
      outcome: 'no-answer',
    });
  });

  test('the output and the end of a shell command are its answer', async () => {
    const light = await startLight();
    const { lights } = await startLights([light.address]);
    const { name } = lights.nodes[0]!;
    const shell = (command: string) => ask(lights, name, 'RunLightShell', { command });
    expect(await shell('echo "it\'s on"')).toEqual({ output: "it's on\n", ok: true });
    expect(await shell('false')).toEqual({ output: '', ok: false });
    expect(await shell('reboot')).toEqual({ output: 'sh: reboot: not found\n', ok: false });
  });

  test(
    'one command is in flight a node, in order, and more than 32 do not wait',
    { tags: ['extended'] },
    async () => {
      const node = await ScriptedNode.start();
      const { lights } = await startLights([node.address]);
      const { name } = lights.nodes[0]!;
      const asked = Array.from({ length: 34 }, (_, n) =>
        ask(lights, name, 'RunLightShell', { command: `echo ${n}` }, n === 33 ? 10_000 : 2000),
      );
      for (const each of asked) each.catch(() => undefined);
      await expect(asked[33]).rejects.toMatchObject({ code: 'Too busy', outcome: 'not-sent' });
      for (const n of [0, 1, 2]) {
        await node.sent(n);
        expect(node.commands.length).toBe(n + 1);
        expect(node.commands[n]).toContain(`echo ${n}`);
        await node.output(n, `${n}`);
        expect(await asked[n]).toEqual({ output: `${n}`, ok: true });
      }
      await expect(asked[32]).rejects.toMatchObject({ code: 'Timeout', outcome: 'not-sent' });
    },
  );
});

/** Long enough for whatever was sent to be taken. */
async function taken(node: ScriptedNode): Promise<void> {
  await node.say({});
}

describe('answers', () => {
  async function start(nodes = 1) {
    const scripted = await Promise.all(Array.from({ length: nodes }, () => ScriptedNode.start()));
    const { lights, told } = await startLights(scripted.map(({ address }) => address));
    const settled: string[] = [];
    const run = (at: number, label: string, command: string, args: object, ms?: number): Promise<unknown> => {
      const answer = ask(lights, lights.nodes[at]!.name, command, args, ms);
      answer.then(
        () => settled.push(`${label} ok`),
        (error: unknown) => settled.push(`${label} ${(error as { code: string }).code}`),
      );
      return answer.catch(() => undefined);
    };
    return { scripted, node: scripted[0]!, lights, told, settled, run };
  }

  test("of one node never settle another's command", async () => {
    const { scripted, settled, run } = await start(2);
    const [a, b] = [scripted[0]!, scripted[1]!];
    void run(0, 'a', 'SetLightSequence', SEQUENCE);
    const second = run(1, 'b', 'SetLightSequence', SEQUENCE);
    await a.sent(0);
    await b.sent(0);
    await b.message('BOARDIO_READY');
    await b.say({ type_: 'output', output: `@@${a.mark(0)}:ok\n` });
    await taken(a);
    expect(settled).toEqual([]);
    await b.output(0);
    await second;
    expect(settled).toEqual(['b ok']);
  });

  test('without the mark of the command in flight settle nothing', async () => {
    const { node, settled, run } = await start();
    const done = run(0, 'a', 'SetLightSequence', SEQUENCE);
    await node.sent(0);
    await node.message('BOARDIO_READY');
    await node.say({ type_: 'output', output: 'BOARDIO_CLI: Sent: "uSeq" to FIFO file\n' });
    await node.say({ type_: 'output', output: '@@0000000000000000:ok\n' });
    await taken(node);
    expect(settled).toEqual([]);
    await node.output(0);
    await done;
    expect(settled).toEqual(['a ok']);
  });

  test('BOARDIO_READY may come before the output or after it', async () => {
    const { node, settled, run } = await start();
    const first = run(0, 'a', 'SetLightSequence', SEQUENCE);
    await node.sent(0);
    await node.output(0);
    await taken(node);
    expect(settled).toEqual([]);
    await node.message('BOARDIO_READY');
    await first;
    const second = run(0, 'b', 'SetLightSequence', SEQUENCE);
    await node.sent(1);
    await node.message('BOARDIO_READY');
    await node.output(1);
    await second;
    expect(settled).toEqual(['a ok', 'b ok']);
  });

  test('that come late settle nobody: output and BOARDIO_READY of a command that was given up on', async () => {
    const { node, settled, run } = await start();
    await run(0, 'a', 'SetLightSequence', SEQUENCE, 100);
    const second = run(0, 'b', 'SetLightSequence', SEQUENCE);
    await node.sent(1);
    // The second one's output first: only its own BOARDIO_READY is missing now.
    await node.output(0);
    await node.output(1);
    await node.message('BOARDIO_READY');
    await taken(node);
    expect(settled).toEqual(['a Timeout']);
    await node.message('BOARDIO_READY');
    await second;
    expect(settled).toEqual(['a Timeout', 'b ok']);
  });

  test('that come late settle nobody: BOARDIO_ERROR after the output of a command that was given up on', async () => {
    const { node, settled, run } = await start();
    const first = run(0, 'a', 'SetLightSequence', SEQUENCE, 200);
    await node.sent(0);
    await node.output(0);
    await first;
    const second = run(0, 'b', 'SetLightSequence', SEQUENCE);
    await node.sent(1);
    await node.message('BOARDIO_ERROR');
    await node.output(1);
    await node.message('BOARDIO_READY');
    await second;
    expect(settled).toEqual(['a Timeout', 'b ok']);
  });

  test("the end of a light's own sequence is not the end of a run behind it", async () => {
    const { node, settled, run } = await start();
    const upload = run(0, 'upload', 'SetLightSequence', SEQUENCE);
    await node.sent(0);
    await node.output(0);
    await node.message('BOARDIO_READY');
    await upload;
    const light = run(0, 'light', 'SetModelLight', { power: 3 });
    const last = run(0, 'run', 'RunLightSequence', {});
    for (const n of [1, 2]) {
      await node.sent(n);
      await node.output(n);
      await node.message('BOARDIO_READY');
    }
    await light;
    await node.message('Sequence complete');
    for (const n of [3, 4]) {
      await node.sent(n);
      await node.output(n);
      await node.message('BOARDIO_READY');
    }
    await taken(node);
    expect(settled).toEqual(['upload ok', 'light ok']);
    await node.message('Sequence complete');
    await last;
    expect(settled).toEqual(['upload ok', 'light ok', 'run ok']);
  });

  test('BOARDIO_ERROR during a run ends it', async () => {
    const { node, settled, run } = await start();
    const upload = run(0, 'upload', 'SetLightSequence', SEQUENCE);
    await node.sent(0);
    await node.output(0);
    await node.message('BOARDIO_READY');
    await upload;
    const last = run(0, 'run', 'RunLightSequence', {});
    for (const n of [1, 2]) {
      await node.sent(n);
      await node.output(n);
      await node.message('BOARDIO_READY');
    }
    await node.message('BOARDIO_ERROR: camera 2');
    await last;
    expect(settled).toEqual(['upload ok', 'run Device command error']);
  });

  test('a node that goes away leaves its command without an answer', async () => {
    const light = await startLight({ faults: [{ kind: 'silent', count: 1 }] });
    const { lights } = await startLights([light.address], { heartbeatMs: 20, unreachableMs: 150 });
    const answer = ask(lights, lights.nodes[0]!.name, 'SetModelLight', { power: 1 });
    await until(() => light.commands.length === 1);
    await light.pause();
    await expect(answer).rejects.toMatchObject({ code: 'Connection lost', outcome: 'no-answer' });
  });
});

describe('the listener', { tags: ['extended'] }, () => {
  test('emits an event byte for byte, also when the sender does not close its connection', async () => {
    const light = await startLight();
    const { told, to } = await startLights([light.address]);
    const { port } = light.address;
    const odd = `{ "id":"81639cd4" ,\n"name":"n\\u00e9","ip":"x","port":${port},"version":"0","coordinator":false,"type_":"message","message":"ü","n":1.0}`;
    const socket = connect(to.port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    for (const byte of Buffer.from(` \n${odd}`)) socket.write(Buffer.from([byte]));
    await once(socket, 'end');
    const messages = told.events.filter(({ channel }) => channel.endsWith('/Message'));
    expect(messages).toEqual([{ channel: `lights/127.0.0.1:${port}/Pycom/Message`, text: odd }]);
  });

  test.each([
    ['not-json', 'GET / HTTP/1.1\r\n\r\n'],
    ['incomplete', '{"id":'],
    ['incomplete', ''],
    ['not-pycom', '{"id":"x"}'],
    ['too-large', `{"a":"${'x'.repeat(1_048_577)}`],
  ])('refuses a message as %s, and stays open', async (reason, bytes) => {
    const light = await startLight();
    const { told, to, lights } = await startLights([light.address]);
    await sendBytes(to.port, bytes);
    await until(() => told.refused.length > 0);
    expect(told.refused).toEqual([reason]);
    await ask(lights, lights.nodes[0]!.name, 'SetLightFan', { on: true });
  });

  test('gives a message 5 s to arrive', async () => {
    const light = await startLight();
    const { told, to } = await startLights([light.address]);
    const socket = connect(to.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('{"id":');
    const started = performance.now();
    await once(socket, 'close');
    expect(performance.now() - started).toBeGreaterThan(4900);
    expect(told.refused).toEqual(['too-slow']);
  });

  test('takes nothing from an address that no node has', async () => {
    const light = await startLight();
    const { told, to } = await startLights([light.address]);
    const socket = connect({ ...to, localAddress: '127.0.0.2' });
    socket.on('error', () => undefined);
    socket.end('{}');
    await once(socket, 'close');
    expect(told.refused).toEqual(['unknown-address']);
  });

  test('tells nodes at one address apart by their port, and refuses a third one', async () => {
    const [a, b] = [await startLight({ index: 0 }), await startLight({ index: 1 })];
    const { told, to } = await startLights([a.address, b.address]);
    await b.send(to, { type_: 'message', message: 'from b' });
    await a.send(to, { type_: 'message', message: 'from c', port: 1, id: 'other' });
    await until(() => told.refused.length > 0);
    expect(told.refused).toEqual(['unknown-node']);
    const from = told.events
      .filter(({ channel }) => channel.endsWith('/Message'))
      .map(({ channel }) => channel);
    expect(from).toEqual([`lights/127.0.0.1:${b.address.port}/Pycom/Message`]);
  });
});

describe('the scan', () => {
  test('finds nodes in the network of the listener, with their unit, and takes nothing else for one', async () => {
    const light = await startLight({ host: '127.0.0.23' });
    const { port } = light.address;
    // Something else listens there, and says nothing.
    const other = createServer((socket) => void socket.on('error', () => undefined).end());
    other.listen(port, '127.0.0.40');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { lights } = await startLights([], { scanPort: port });
    await until(() => lights.nodes[0]?.state === 'connected');
    expect(lights.descriptions).toMatchObject([
      { node: `127.0.0.23:${port}`, id: '81639cd4', unit: { mcuType: 'RP2040' } },
    ]);
    await ask(lights, `127.0.0.23:${port}`, 'SetLightFan', { on: true });
    expect(lights.nodes.length).toBe(1);
  });
});
