/** What the user may do, before they start to do it. */
import { createContext, use, useSyncExternalStore } from 'react';
import { SCOPES } from './access-store.js';
import type { Access, AccessStore, Me, Scope } from './access-store.js';

export type { Me, Scope } from './access-store.js';

/** Undefined outside AccessProvider. */
export const AccessContext = createContext<AccessStore | undefined>(undefined);

export function useAccessStore(): AccessStore {
  const store = use(AccessContext);
  if (store === undefined) throw new Error('useAccessStore belongs inside AccessProvider');
  return store;
}

export function useAccess(): Access {
  const store = useAccessStore();
  return useSyncExternalStore(store.subscribe, store.snapshot);
}

export type May =
  | { readonly isAllowed: true; readonly why?: undefined; readonly reason?: undefined }
  | {
      readonly isAllowed: false;
      /**
       * `asking`: the gateway has not answered yet. `held`: somebody else has control. `free`: nobody has, and this
       * needs it before the first change.
       */
      readonly why: 'asking' | 'scope' | 'held' | 'free';
      /** A sentence; empty while asking. */
      readonly reason: string;
    };

const ALLOWED: May = { isAllowed: true };
const ASKING: May = { isAllowed: false, why: 'asking', reason: '' };

/**
 * Whether the gateway would take a command of this scope from the user now. Where nobody has control it would: the
 * page takes control with the first change.
 */
export function useMay(needed: Scope): May {
  const access = useAccess();
  return mayDo(access, needed);
}

/**
 * Whether the gateway would answer a read of this scope now: beyond `read`, it asks for the lease, and a read takes
 * no control.
 */
export function useMayRead(needed: Scope): May {
  const access = useAccess();
  const may = mayDo(access, needed);
  const { me, lease } = access;
  if (!may.isAllowed || needed === 'read' || me?.hasLease !== true) return may;
  const isOurs = lease.ownName !== undefined && lease.state?.holder === lease.ownName;
  return isOurs ? may : { isAllowed: false, why: 'free', reason: 'This is shown to whoever has control.' };
}

export function mayDo({ me, lease }: Access, needed: Scope): May {
  if (me === undefined) return needed === 'read' ? ALLOWED : ASKING;
  if (!includes(me.scope, needed)) {
    return { isAllowed: false, why: 'scope', reason: `${sentenceOf(me)} This needs the scope ${needed}.` };
  }
  if (!me.hasLease || needed === 'read') return ALLOWED;
  const { state, ownName } = lease;
  if (state === undefined) return ASKING;
  if (state.holder === null || state.holder === ownName) return ALLOWED;
  return { isAllowed: false, why: 'held', reason: `${holderText(state.holder)} has control.` };
}

/** A scope as a document names it; what nobody knows needs the most. */
export function scopeOf(text: string): Scope {
  return SCOPES.find((each) => each === text) ?? 'admin';
}

export function includes(has: Scope, needed: Scope): boolean {
  return SCOPES.indexOf(has) >= SCOPES.indexOf(needed);
}

const MAY: Readonly<Record<Scope, string>> = {
  read: 'may look, and change nothing',
  control: 'may control devices, but not change firmware or networks',
  admin: 'may do everything',
};

/** `desk may look, and change nothing.` */
export function sentenceOf({ name, scope }: Me): string {
  return `${name ?? 'Whoever is not signed in'} ${MAY[scope]}.`;
}

/** Who started something, within a sentence. */
export function starterText(subject: string): string {
  return holderText(subject).replace(/^Somebody/, 'somebody');
}

/** A holder who shows no token has an address for a name. */
export function holderText(holder: string): string {
  const [, address] = /^anybody at (.+)$/.exec(holder) ?? [];
  if (address === undefined) return holder;
  return /^(127\.|::1$|::ffff:127\.)/.test(address)
    ? "Somebody on the gateway's machine"
    : `Somebody at ${address}`;
}
