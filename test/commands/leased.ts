import { z } from 'zod';
import { startBoth } from '../support/gateway.js';
import type { Gateway, Reply } from '../support/gateway.js';
import { makeTokens } from '../support/tokens.js';
import type { Tokens } from '../support/tokens.js';

export const CHANNEL = '$gateway/lease';
export const NAME = { DeviceId: 1, DeviceName: 'Left hand' };

export type Name = 'viewer' | 'anna' | 'boris' | 'chief';
export type Headers = Readonly<Record<string, string>>;
export type Leased = Awaited<ReturnType<typeof startBoth>> & { readonly tokens: Tokens<Name> };

export async function startLeased(settings: object = {}): Promise<Leased> {
  const tokens = makeTokens({ viewer: 'read', anna: 'control', boris: 'control', chief: 'admin' });
  const both = await startBoth({ tokens: tokens.file, controlLease: true, ...settings });
  return { ...both, tokens };
}

export function take(gateway: Gateway, headers: Headers, query = ''): Promise<Reply> {
  return gateway.ask('POST', `/v1/lease${query}`, { headers });
}

export function release(gateway: Gateway, headers: Headers): Promise<Reply> {
  return gateway.ask('DELETE', '/v1/lease', { headers });
}

export function rename(gateway: Gateway, headers: Headers): Promise<Reply> {
  return gateway.ask('PUT', '/v1/devices/1/name', { body: { DeviceName: 'x' }, headers });
}

export const State = z.strictObject({ holder: z.string().nullable(), expiresAt: z.number().nullable() });

export async function stateOf(gateway: Gateway, headers: Headers = {}): Promise<z.output<typeof State>> {
  const standing = State.extend({ required: z.literal(true) });
  const { holder, expiresAt } = standing.parse((await gateway.get('/v1/lease', headers)).json);
  return { holder, expiresAt };
}

export const FREE = { holder: null, expiresAt: null };
