// @module-tag extended
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { problemOf, startBoth, startScripted, until } from '../support/gateway.js';
import { errorFrame } from '../support/scripted-server.js';
import { logged } from './audit-trail.js';
import { GateSocket } from './socket.js';
import { accepted, CHANNEL, emitUpdate, ended, FILE, jobOf, jobsOf, update } from './updates.js';

describe('studios differ', () => {
  test('one answers and tells of no update at all: one may follow the other', async () => {
    const { gateway, server } = await startScripted(() => ({}));
    const routes = ['firmware', 'sensors/firmware', 'wifi/firmware', 'firmware'];
    for (const route of routes) {
      const { status, text } = await gateway.post(`/v1/devices/1/${route}`, { FwPath: FILE });
      expect(status, text).toBe(200);
    }
    expect(
      ['UpdateFirmware', 'UpdateSensorFirmware', 'UpdateWifiModule'].map((each) => server.named(each).length),
    ).toEqual([2, 1, 1]);
    const states = (await jobsOf(gateway)).map(({ state }) => state);
    expect(states).toEqual(['done', 'done', 'done', 'running']);
  });

  test('one answers at the end: the job is there at once, and over with the last event', async () => {
    const { gateway, server } = await startScripted(() => ({ UpdateFirmware: () => undefined }));
    const listener = await GateSocket.connect(gateway);
    await listener.subscribe(CHANNEL);
    const { id } = accepted(await update(gateway));
    const command = await server.received('UpdateFirmware');
    for (const PercentComplete of [10, 60]) {
      emitUpdate(server, 'Progress', { PercentComplete });
      await until(async () => (await jobOf(gateway, id)).percent === PercentComplete);
    }
    emitUpdate(server, 'Done', { PercentComplete: 100 });
    const job = await ended(gateway, id);
    expect(job).toMatchObject({ state: 'done', percent: 100 });
    server.ok(command);
    await gateway.get('/v1/devices');
    expect(await jobOf(gateway, id)).toEqual(job);
    const told = listener.told(CHANNEL).map(({ state, percent }) => [state, percent]);
    expect(told).toEqual([
      ['running', null],
      ['running', 10],
      ['running', 60],
      ['done', 100],
    ]);
  });

  test('one answers at the end that it failed: the job keeps what the event said', async () => {
    const { gateway, server } = await startScripted(() => ({ UpdateFirmware: () => undefined }));
    const { id } = accepted(await update(gateway));
    const command = await server.received('UpdateFirmware');
    emitUpdate(server, 'Failure', { PercentComplete: 30, ErrorMsg: 'cable pulled' });
    await ended(gateway, id);
    command.connection.raw(errorFrame(command, 'Device command error'));
    await gateway.get('/v1/devices');
    expect(await jobOf(gateway, id)).toMatchObject({ state: 'failed', percent: 30, error: 'cable pulled' });
  });

  test('one refuses at the end without an event: the job has its code', async () => {
    const { gateway, server } = await startScripted(() => ({ UpdateFirmware: () => undefined }));
    const { id } = accepted(await update(gateway));
    const command = await server.received('UpdateFirmware');
    emitUpdate(server, 'Progress', { PercentComplete: 30 });
    await until(async () => (await jobOf(gateway, id)).percent === 30);
    command.connection.raw(errorFrame(command, 'Device command error'));
    expect(await ended(gateway, id)).toMatchObject({
      state: 'failed',
      percent: 30,
      code: 'Device command error',
    });
  });

  test('one publishes no such events and updates all the same', async () => {
    const { gateway, server } = await startScripted((own) => ({
      Subscribe: (command) =>
        JSON.stringify(command.args).includes('UpdateFwEvents')
          ? own.error(command, 'Invalid argument')
          : own.ok(command, {}),
    }));
    accepted(await update(gateway));
    await server.received('UpdateFirmware');
    expect(await jobsOf(gateway)).toMatchObject([{ state: 'running', percent: null }]);
  });

  test('events that do not say how far it is change nothing', async () => {
    const { gateway, server } = await startScripted(() => ({ UpdateFirmware: () => undefined }));
    const { id } = accepted(await update(gateway));
    await server.received('UpdateFirmware');
    emitUpdate(server, 'Progress', {});
    emitUpdate(server, 'Progress', { PercentComplete: 'many' });
    emitUpdate(server, 'Progress', { PercentComplete: 5 });
    await until(async () => (await jobOf(gateway, id)).percent === 5);
    expect(await jobOf(gateway, id)).toMatchObject({ state: 'running' });
  });

  test('the gateway listens before it sends, and no longer than the update lasts', async () => {
    const { gateway, server } = await startScripted(() => ({}), { linger: 0 });
    const names = (): string[] =>
      server.commands
        .filter(
          ({ name, args }) =>
            name === 'UpdateFirmware' || JSON.stringify(args ?? '').includes('UpdateFwEvents'),
        )
        .map(({ name }) => name);
    await until(() => names().every((name) => name === 'Unsubscribe' || name === 'Subscribe'));
    const before = names().length;
    const { id } = accepted(await update(gateway));
    await server.received('UpdateFirmware');
    expect(
      names()
        .slice(before)
        .filter((name) => name !== 'Unsubscribe'),
    ).toEqual(['Subscribe', 'UpdateFirmware']);
    emitUpdate(server, 'Done', { PercentComplete: 100 });
    await ended(gateway, id);
    await until(() => names().at(-1) === 'Unsubscribe');
  });
});

describe('a studio that is lost in the middle', () => {
  test('a studio that is lost in the middle leaves the job running, and the end is heard after the reconnect', async () => {
    const { gateway, server } = await startScripted(() => ({ UpdateFirmware: () => undefined }));
    const { id } = accepted(await update(gateway));
    await server.received('UpdateFirmware');
    emitUpdate(server, 'Progress', { PercentComplete: 40 });
    await until(async () => (await jobOf(gateway, id)).percent === 40);
    const asked = server.named('Subscribe').length;
    for (const each of server.open) each.destroy();
    await until(() => logged(gateway).some(({ outcome }) => outcome === 'no-answer'));
    expect(await jobOf(gateway, id)).toMatchObject({ state: 'running', percent: 40, error: null });
    const news = (): typeof server.commands => server.named('Subscribe').slice(asked);
    await until(() => news().some(({ args }) => JSON.stringify(args).includes('UpdateFwEvents')));
    expect(problemOf(await update(gateway))).toMatchObject({ status: 409, outcome: 'not-sent' });
    emitUpdate(server, 'Progress', { PercentComplete: 90 });
    emitUpdate(server, 'Done', { PercentComplete: 100 });
    expect(await ended(gateway, id)).toMatchObject({ state: 'done', percent: 100, error: null, code: null });
    expect(server.named('UpdateFirmware')).toHaveLength(1);
  });

  test('a studio that is lost in the middle tells who waited that nobody knows, and goes on telling of the job', async () => {
    const { gateway, simulator } = await startBoth();
    simulator.faults.add({ kind: 'drop', command: 'UpdateFirmware', count: 1 });
    const reply = await gateway.post('/v1/devices/1/firmware', { FwPath: FILE });
    expect(problemOf(reply)).toMatchObject({ code: 'Connection lost', outcome: 'no-answer' });
    const [job] = await jobsOf(gateway);
    expect(await ended(gateway, job!.id)).toMatchObject({ state: 'done', percent: 100, error: null });
  });

  test('so does one that does not answer in time', async () => {
    const { gateway, simulator } = await startBoth({}, { speed: 2 });
    simulator.faults.add({ kind: 'hang', command: 'UpdateFirmware', count: 1 });
    const body = { FwPath: FILE };
    const headers = { prefer: 'wait=1' };
    const reply = await gateway.ask('POST', '/v1/devices/1/firmware', { body, headers });
    expect(problemOf(reply)).toMatchObject({ status: 504, outcome: 'no-answer' });
    const [job] = await jobsOf(gateway);
    expect(job).toMatchObject({ state: 'running' });
    expect(await ended(gateway, job!.id)).toMatchObject({ state: 'done', code: null });
  });
});

describe('FwPath is the business of the studio', () => {
  /** A file that nobody may read, and the folder that it is in. */
  function paths(): { readonly folder: string; readonly file: string } {
    const folder = mkdtempSync(join(tmpdir(), 'firmware '));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'suit.bin');
    writeFileSync(file, 'never read');
    chmodSync(file, 0);
    return { folder, file };
  }

  test('it arrives there as it was said, on every way', async () => {
    const { gateway, server } = await startScripted(() => ({}));
    const { folder, file } = paths();
    const texts = [
      'C:\\Firmware\\suit.bin',
      '\\\\server\\share name\\Größe – 火.bin',
      '  C:/a b//../%41.bin ',
      "~/$HOME/'quoted'\n\t.bin",
      '/nowhere/at/all.bin',
      folder,
      file,
    ];
    const socket = await GateSocket.connect(gateway);
    const expected: string[] = [];
    for (const FwPath of texts) {
      const args = { DeviceId: 1, FwPath };
      const asks = [
        async () => (await gateway.post('/v1/devices/1/firmware', { FwPath })).status,
        async () => (await gateway.call('UpdateFirmware', args)).status,
        async () => (await socket.command('UpdateFirmware', args))['status'],
      ];
      for (const ask of asks) {
        expect(await ask()).toBe(200);
        expected.push(FwPath);
        emitUpdate(server, 'Done', { PercentComplete: 100 });
        await until(async () => (await jobsOf(gateway)).every(({ state }) => state === 'done'));
      }
    }
    const received = server.named('UpdateFirmware').map(({ args }) => (args as { FwPath: string }).FwPath);
    expect(received).toEqual(expected);
  });

  test('what is there, unreadable or missing, makes no difference', async () => {
    const { gateway } = await startBoth();
    const { folder, file } = paths();
    for (const path of [file, `${file}.missing.bin`, `${folder}.bin`]) {
      const { id } = accepted(await update(gateway, undefined, path));
      expect(await ended(gateway, id)).toMatchObject({ state: 'done' });
    }
  });
});
