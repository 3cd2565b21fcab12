// @module-tag extended
import { expect, test } from 'vitest';
import { z } from 'zod';
import { startBoth } from '../support/gateway.js';
import { Job } from './updates.js';

const Response = z.looseObject({
  headers: z.record(z.string(), z.unknown()).optional(),
  content: z.record(z.string(), z.object({ schema: z.object({ $ref: z.string() }) })).optional(),
});
const Document = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ responses: z.record(z.string(), z.unknown()) })),
  ),
  components: z.looseObject({
    schemas: z.record(
      z.string(),
      z.looseObject({ properties: z.record(z.string(), z.unknown()).optional() }),
    ),
  }),
});

async function documentOf(): Promise<z.output<typeof Document>> {
  const { gateway } = await startBoth();
  return Document.parse((await gateway.get('/openapi.json')).json);
}

test.each([
  '/v1/devices/{DeviceId}/firmware',
  '/v1/devices/{DeviceId}/sensors/firmware',
  '/v1/devices/{DeviceId}/wifi/firmware',
  '/v1/commands/{Command}',
  '/v1/lights/{node}/sequence/run',
])('OpenAPI says that POST %s may answer 202 with a job and its location', async (path) => {
  const { paths } = await documentOf();
  const accepted = Response.parse(paths[path]?.['post']?.responses['202']);
  expect(Object.keys(accepted.headers ?? {})).toEqual(expect.arrayContaining(['Location', 'X-Track-Id']));
  expect(accepted.content?.['application/json']?.schema.$ref).toBe('#/components/schemas/Job');
});

test('OpenAPI describes a job, and the schema has the fields that a job has', async () => {
  const { components, paths } = await documentOf();
  const fields = Object.keys(components.schemas['Job']?.properties ?? {});
  // Runs of light arrays have two more, which updates never have.
  expect(fields.toSorted()).toEqual([...Object.keys(Job.shape), 'node', 'outcome'].toSorted());
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/v1/jobs', '/v1/jobs/{JobId}', '/v1/lease']));
});

test('only updates and runs of light arrays may answer 202', async () => {
  const { paths } = await documentOf();
  const accepting = Object.entries(paths).filter(([, operations]) =>
    Object.values(operations).some(({ responses }) => '202' in responses),
  );
  expect(
    accepting.map(([path]) => path).filter((path) => !/firmware$|\{Command\}$|sequence\/run$/.test(path)),
  ).toEqual([]);
});

test('OpenAPI describes the lease, also that somebody else may have it', async () => {
  const { components, paths } = await documentOf();
  expect(Object.keys(components.schemas['Lease']?.properties ?? {}).toSorted()).toEqual([
    'expiresAt',
    'holder',
  ]);
  expect(Object.keys(paths['/v1/lease'] ?? {}).toSorted()).toEqual(['delete', 'get', 'post']);
  for (const method of ['post', 'delete']) {
    expect(Object.keys(paths['/v1/lease']?.[method]?.responses ?? {})).toEqual(
      expect.arrayContaining(['409']),
    );
  }
});
