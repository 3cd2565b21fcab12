/** Who may do what. Scopes and what needs which are the catalog's (`Policy.scope`). */
import { GATEWAY_CHANNELS, studioOf, withoutStudio } from '../wire/gateway-channels.js';
import type { Scope } from '../catalog/define.js';
import { GatewayError } from '../errors/errors.js';

/** From the least to the most; each includes those before it. */
export const SCOPES = ['read', 'control', 'admin'] as const satisfies readonly Scope[];
const RANKS: Readonly<Record<Scope, number>> = { read: 0, control: 1, admin: 2 };

/** On whose behalf something is asked. */
export interface Principal {
  /** The token's name. */
  readonly name: string;
  readonly scope: Scope;
  /** Tells one token from another also when a name is given anew; null for those who came without. */
  readonly key: string | null;
  /** The token allows more than it does through the relay. */
  readonly isCapped?: true;
  /** The studios that it may use; undefined for all, also those to come. */
  readonly studios?: readonly string[] | undefined;
  /** The edge that has checked the token; undefined for those who came to this gateway. */
  readonly edge?: string | undefined;
}

/** Who comes without a token where none is needed. */
export const ANYBODY: Principal = { name: 'anybody', scope: 'admin', key: null };

/** One who asks, and from where. */
export interface Caller {
  readonly principal: Principal;
  /** The address that it comes from, as far as proxies are believed. */
  readonly address: string;
  readonly via: 'http' | 'websocket' | 'webrtc' | 'nats';
  /** The studio of the path that it came by; undefined where that names none. */
  readonly studio?: string | undefined;
}

/** What a caller is counted under, where one must not take everything: its token; without tokens, its address. */
export function clientKey({ principal, address }: Omit<Caller, 'via'>): string {
  return principal.key ?? addressKey(address);
}

/** Addresses whose keys are remembered: each command of a client without a token asks. */
const MAX_ADDRESSES = 1000;
const addressKeys = new Map<string, string>();

function addressKey(address: string): string {
  const known = addressKeys.get(address);
  if (known !== undefined) return known;
  if (addressKeys.size >= MAX_ADDRESSES) addressKeys.clear();
  const key = `address ${address}`;
  addressKeys.set(address, key);
  return key;
}

/** How a caller is called in front of others. */
export function clientName({ principal, address }: Omit<Caller, 'via'>): string {
  return principal.key === null ? `${principal.name} at ${address}` : principal.name;
}

export function includes(has: Scope, needed: Scope): boolean {
  return RANKS[has] >= RANKS[needed];
}

/** The same with no more than `limit`. */
export function capped(principal: Principal, limit: Scope): Principal {
  return includes(limit, principal.scope) ? principal : { ...principal, scope: limit, isCapped: true };
}

/** @throws GatewayError `Forbidden`; `what` is the subject of the sentence */
export function assertScope({ name, scope, isCapped }: Principal, needed: Scope, what: string): void {
  if (includes(scope, needed)) return;
  const limit = isCapped === true ? ' through the relay (--relay-max-scope)' : '';
  throw new GatewayError(
    'Forbidden',
    `${what} needs the scope ${needed}; the token "${name}" has ${scope}${limit}.`,
    {
      outcome: 'not-sent',
    },
  );
}

export function mayUse({ studios }: Principal, studio: string): boolean {
  return studios === undefined || studios.includes(studio);
}

/** @throws GatewayError `Forbidden`, which names the studio */
export function assertStudio(principal: Principal, studio: string): void {
  if (mayUse(principal, studio)) return;
  const own = (principal.studios ?? []).join(', ');
  throw new GatewayError(
    'Forbidden',
    `The token "${principal.name}" is not for the studio ${studio}, only for ${own}.`,
    { outcome: 'not-sent' },
  );
}

const CHANNEL_SCOPES: ReadonlyMap<string, Scope> = new Map([[GATEWAY_CHANNELS.audit, 'admin']]);

/**
 * Channels need `read`, but for a few of the gateway's own, and a token for their studio; those without a prefix are of
 * `studio`.
 *
 * @throws GatewayError `Forbidden`
 */
export function assertChannelScopes(principal: Principal, channels: readonly string[], studio: string): void {
  for (const channel of channels) {
    const needed = CHANNEL_SCOPES.get(withoutStudio(channel)) ?? 'read';
    assertScope(principal, needed, `The channel ${channel}`);
    const named = studioOf(channel, studio);
    if (named !== undefined) assertStudio(principal, named);
  }
}
