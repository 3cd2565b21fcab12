import type { RcspClient } from '../../../src/client/index.js';
import { setControlTaker } from './control.js';
import { exchange } from './gateway.js';
import { LeaseStore } from './lease-store.js';
import type { LeaseState } from './lease-store.js';
import { Store } from './store.js';

export const SCOPES = ['read', 'control', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** The user, as the gateway knows them. */
export interface Me {
  /** Null where no token is needed and none was shown. */
  readonly name: string | null;
  readonly scope: Scope;
  /** Whether only the holder of a control lease may change things. */
  readonly hasLease: boolean;
}

export interface Access {
  /** Undefined until the gateway has answered. */
  readonly me: Me | undefined;
  readonly lease: LeaseState;
}

/** Delay after a failed read while the gateway is connected. */
const RETRY_MS = 1000;

/** Who uses the page, what they may do, and who has control. Read on every connection: the gateway may have changed. */
export class AccessStore extends Store {
  readonly #client: RcspClient;
  readonly #lease: LeaseStore;
  readonly #stops: (() => void)[] = [];
  #access: Access;
  #hasLeaseStarted = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** Tells the newest read from those before it. */
  #reads = 0;

  constructor(client: RcspClient) {
    super();
    this.#client = client;
    this.#lease = new LeaseStore(client);
    this.#access = { me: undefined, lease: this.#lease.snapshot() };
  }

  start(): void {
    this.#stops.push(
      this.#client.on('state', ({ state }) => {
        if (state === 'open') void this.#read();
      }),
      this.#lease.subscribe(() => this.#set({ lease: this.#lease.snapshot() })),
      setControlTaker(() => this.#lease.take(false)),
    );
    if (this.#client.state === 'open') void this.#read();
  }

  stop(): void {
    clearTimeout(this.#retry);
    this.#reads += 1;
    for (const stop of this.#stops.splice(0)) stop();
    this.#lease.stop();
    this.#hasLeaseStarted = false;
  }

  readonly snapshot = (): Access => this.#access;

  /** @throws RcspError `Busy` when another client has control and `isTakeover` is false */
  readonly take = (isTakeover: boolean): Promise<void> => this.#lease.take(isTakeover);

  readonly release = (): Promise<void> => this.#lease.release();

  async #read(): Promise<void> {
    clearTimeout(this.#retry);
    const read = (this.#reads += 1);
    const answer = await exchange('GET', 'v1/me').catch(() => undefined);
    if (read !== this.#reads) return;
    const found = answer?.status === 200 ? meOf(answer.body) : undefined;
    if (found === undefined) {
      // Without a connection, the next one reads again.
      if (this.#client.state === 'open') this.#retry = setTimeout(() => void this.#read(), RETRY_MS);
      return;
    }
    const { me, ownLease } = found;
    this.#set({ me });
    if (!me.hasLease) return;
    if (!this.#hasLeaseStarted) this.#lease.start();
    this.#hasLeaseStarted = true;
    if (ownLease !== undefined) this.#lease.adopt(ownLease);
  }

  #set(changes: Partial<Access>): void {
    this.#access = { ...this.#access, ...changes };
    this.notify();
  }
}

/** `ownLease`: under which name this page holds the lease; undefined when it does not. */
function meOf(body: unknown): { readonly me: Me; readonly ownLease: string | undefined } | undefined {
  if (typeof body !== 'object' || body === null || !('scope' in body)) return undefined;
  const { name, scope, lease }: { name?: unknown; scope: unknown; lease?: unknown } = body;
  const known = SCOPES.find((each) => each === scope);
  if (known === undefined) return undefined;
  return {
    me: {
      name: typeof name === 'string' ? name : null,
      scope: known,
      hasLease: typeof lease === 'object' && lease !== null,
    },
    ownLease: ownLeaseOf(lease),
  };
}

function ownLeaseOf(lease: unknown): string | undefined {
  if (typeof lease !== 'object' || lease === null) return undefined;
  const { mine, holder }: { mine?: unknown; holder?: unknown } = lease;
  return mine === true && typeof holder === 'string' ? holder : undefined;
}
