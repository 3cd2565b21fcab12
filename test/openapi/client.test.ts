// @module-tag extended
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';
import { expect, onTestFinished, test } from 'vitest';
import { OPENAPI_FILE } from '../../openapi/generate.js';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';
import { startBoth } from '../support/gateway.js';

/** What a user of the generated types writes. It must compile, and run. */
const CLIENT = `
import createClient from 'openapi-fetch';
import type { paths } from './api.js';

export async function visit(baseUrl: string): Promise<unknown> {
  const client = createClient<paths>({ baseUrl });

  const devices = await client.GET('/v1/devices');
  const types: (string | undefined)[] | undefined = devices.data?.Devices.map(({ DeviceType }) => DeviceType);

  const renamed = await client.PUT('/v1/devices/{DeviceId}/name', {
    params: { path: { DeviceId: 1 } },
    body: { DeviceName: 'Suit' },
  });
  const put: number = renamed.response.status;

  const device = { params: { path: { DeviceId: 1 } } };
  const name: string | undefined = (await client.GET('/v1/devices/{DeviceId}/name', device)).data?.DeviceName;

  await client.PUT('/v1/devices/{DeviceId}/leds/{LedId}/color', {
    params: { path: { DeviceId: 2, LedId: 'RingLed' } },
    body: { Red: 1, Green: 2, Blue: 3 },
  });
  const calibrated = await client.POST('/v1/devices/{DeviceId}/calibrate', device);
  const missing = await client.GET('/v1/devices/{DeviceId}/name', { params: { path: { DeviceId: 99 } } });
  const code: string | undefined = missing.error?.code;
  const outcome: 'not-sent' | 'no-answer' | 'rejected' | undefined = missing.error?.outcome;

  const called = await client.POST('/v1/commands/{Command}', {
    params: { path: { Command: 'GetFrameRate' } },
    body: { Arguments: { DeviceId: 1 } },
  });
  return { types, put, name, calibrated: calibrated.response.status, code, outcome, called: called.data };
}
`;

/** What must not compile: else the types say nothing. */
const MISTAKES = `
import createClient from 'openapi-fetch';
import type { paths } from './api.js';
const client = createClient<paths>({});
void client.GET('/v1/device');
void client.PUT('/v1/devices/{DeviceId}/name', { params: { path: { DeviceId: 1 } }, body: { DeviceName: 5 } });
void client.GET('/v1/devices/{DeviceId}/name', { params: { path: { DeviceId: 'one' } } });
void client.PUT('/v1/devices/{DeviceId}/name', { params: { path: { DeviceId: 1 } } });
`;

async function folderWithTypes(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rcsp-gateway-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await symlink(join(PACKAGE_ROOT, 'node_modules'), join(folder, 'node_modules'));
  const types = astToString(await openapiTS(pathToFileURL(OPENAPI_FILE)));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(join(folder, 'api.ts'), types);
  await writeFile(join(folder, 'client.ts'), CLIENT);
  await writeFile(join(folder, 'mistakes.ts'), MISTAKES);
  return folder;
}

test('a client generated from the document compiles strictly, catches mistakes, and works', async () => {
  const folder = await folderWithTypes();
  const program = ts.createProgram([join(folder, 'client.ts'), join(folder, 'mistakes.ts')], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    outDir: folder,
  });
  const found = ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => ({
    file: file?.fileName.split('/').at(-1),
    line: file?.getLineAndCharacterOfPosition(start).line,
    message: ts.flattenDiagnosticMessageText(messageText, ' '),
  }));
  expect(found.filter(({ file }) => file !== 'mistakes.ts')).toEqual([]);
  expect(new Set(found.map(({ line }) => line))).toEqual(new Set([4, 5, 6, 7]));
  program.emit();

  const { gateway } = await startBoth();
  const { visit } = (await import(pathToFileURL(join(folder, 'client.js')).href)) as {
    visit: (baseUrl: string) => Promise<unknown>;
  };
  expect(await visit(gateway.url)).toEqual({
    types: ['SmartSuitPro', 'Smartgloves', 'Smartgloves', 'CoilPro'],
    put: 204,
    name: 'Suit',
    calibrated: 204,
    code: 'Device not found',
    outcome: 'rejected',
    called: { FrameRate: 100 },
  });
});
