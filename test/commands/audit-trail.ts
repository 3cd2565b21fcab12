import { expect } from 'vitest';
import { z } from 'zod';
import { startBoth, until } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { makeTokens } from '../support/tokens.js';
import type { Tokens } from '../support/tokens.js';
import { GateSocket } from './socket.js';

/** Every field that an audit line has, and no other. */
export const Entry = z.strictObject({
  at: z.number(),
  who: z.string(),
  scope: z.enum(['read', 'control', 'admin']),
  from: z.string(),
  via: z.enum(['http', 'websocket']),
  command: z.string(),
  deviceId: z.number().nullable(),
  outcome: z.enum(['ok', 'refused', 'rejected', 'no-answer', 'not-sent']),
  code: z.string().nullable(),
  trackId: z.string().min(1),
  studio: z.literal('studio'),
});
export type Entry = z.output<typeof Entry>;

/** The audit lines of the log, in order. */
export function logged(gateway: Gateway): Entry[] {
  return gateway.log.flatMap((line) => ('audit' in line ? [Entry.parse(line['audit'])] : []));
}

const History = z.object({
  events: z.array(z.object({ cursor: z.string(), event: z.object({ EventData: Entry }) })),
  cursor: z.string(),
  gap: z.null(),
});

/** A page of the channel's history: `query` is what follows the channel's name. */
export async function auditHistory(
  gateway: Gateway,
  headers: Readonly<Record<string, string>>,
  query = '&limit=1000',
): Promise<{ readonly entries: Entry[]; readonly cursor: string }> {
  const { json } = await gateway.get(`/v1/history?channel=$gateway/audit${query}`, headers);
  const { events, cursor } = History.parse(json);
  return { entries: events.map(({ event }) => event.EventData), cursor };
}

export const CHANNEL = '$gateway/audit';
/** The arguments of a `SetDeviceName`. */
export const NAME = { DeviceId: 1, DeviceName: 'Left hand' };

export type Name = 'viewer' | 'operator' | 'chief';

export function tokensOfAll(): Tokens<Name> {
  return makeTokens({ viewer: 'read', operator: 'control', chief: 'admin' });
}

/** A gateway that asks for tokens, and somebody who listens to its audit. */
export async function startAudited(
  settings: object = {},
): Promise<
  { gateway: Gateway; tokens: Tokens<Name>; listener: GateSocket } & Awaited<ReturnType<typeof startBoth>>
> {
  const tokens = tokensOfAll();
  const both = await startBoth({ tokens: tokens.file, ...settings }, { speed: 1000 });
  const listener = await GateSocket.connect(both.gateway, tokens.as('chief'));
  await listener.subscribe(CHANNEL);
  return { ...both, tokens, listener };
}

/** As many lines as events, and the same: what is told once is told everywhere. */
export async function trailOf(gateway: Gateway, listener: GateSocket, count: number): Promise<Entry[]> {
  await until(() => listener.told(CHANNEL).length >= count);
  await listener.ask({ op: 'ping' });
  const told = listener.told(CHANNEL).map((each) => Entry.parse(each));
  expect(logged(gateway)).toEqual(told);
  return told;
}
