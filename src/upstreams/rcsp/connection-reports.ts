import type { StudioMetrics } from '../../metrics.js';
import type { Logger } from '../../util/log.js';
import type { Connection } from './connection.js';
import type { Pool } from './pool.js';
import { PeerError } from './protocol/peer.js';
import type { Repair, RepairKind } from './protocol/repair.js';

/** What a payload that is repaired does; the rest of a log line. */
const REPAIRS: Readonly<Record<RepairKind, string>> = {
  'utf-8': 'is not UTF-8',
  number: 'holds a number that JSON cannot say (nan, inf)',
  padding: 'is padded or begins with a byte order mark',
  control: 'holds a control character within a string',
};

/** Details that are remembered as logged at most. */
const MAX_DETAILS = 100;

type Role = 'commands' | 'events';

/** What connections of both roles tell of themselves. */
interface ConnectionReport {
  readonly onConnectionState: (connection: Connection, cause: Error | undefined) => void;
  readonly onProtocolError: (kind: string, detail: string) => void;
  readonly onRepaired: (repairs: readonly Repair[]) => void;
}

/** Counts and logs what connections report. A breach of the protocol, or a repair, is logged as a warning once a kind. */
export class ConnectionReports {
  readonly #log: Logger;
  readonly #metrics: StudioMetrics;
  readonly #repaired = new Set<RepairKind>();
  /** Details that are logged already, whichever the role. */
  readonly #details = new Set<string>();
  #isFirstAttempt = true;

  /** Host and port of the studio. */
  readonly #where: string;

  constructor(log: Logger, metrics: StudioMetrics, where: string) {
    this.#log = log;
    this.#metrics = metrics;
    this.#where = where;
  }

  of(role: Role): ConnectionReport {
    const told = new Set<string>();
    return {
      onConnectionState: (connection, cause) => {
        if (cause !== undefined && connection.state === 'waiting') this.#metrics.connectionLost(role);
        this.#log.debug({ role, state: connection.state, cause: cause?.message }, 'connection');
        this.#logFirstAttempt(connection, cause);
        if (role === 'events' && cause instanceof PeerError && this.#isNew(cause.message))
          this.#log.warn({ role }, `no studio at ${this.#where}: ${cause.message}`);
      },
      onProtocolError: (kind, detail) => {
        this.#metrics.protocolError(kind);
        const isNews = !told.has(kind) && this.#isNew(detail);
        this.#log[isNews ? 'warn' : 'debug']({ role, kind }, `the studio broke RCSP: ${detail}`);
        told.add(kind);
      },
      onRepaired: (repairs) => {
        for (const repair of repairs) this.#onRepair(role, repair);
      },
    };
  }

  #isNew(detail: string): boolean {
    if (this.#details.has(detail)) return false;
    if (this.#details.size < MAX_DETAILS) this.#details.add(detail);
    return true;
  }

  #logFirstAttempt(connection: Connection, cause: Error | undefined): void {
    if (!this.#isFirstAttempt || connection.state === 'connecting' || connection.state === 'closed') return;
    this.#isFirstAttempt = false;
    if (connection.isUp) return;
    this.#log.warn(`no studio at ${this.#where} yet: ${cause?.message ?? 'closed'}; retrying`);
  }

  #onRepair(role: Role, { kind, at }: Repair): void {
    this.#metrics.repairedPayload(kind);
    if (this.#repaired.has(kind)) return;
    this.#repaired.add(kind);
    this.#log.warn(
      { role, kind, at },
      `a payload of the studio ${REPAIRS[kind]} at byte ${at}; it is repaired`,
    );
  }
}

export function measureConnections(metrics: StudioMetrics, pool: Pool, events: Connection): void {
  metrics.gauge('studio_up', '1 while a connection for commands is up.', [], () => [
    [{}, pool.connected ? 1 : 0],
  ]);
  metrics.gauge('commands_waiting', 'Commands accepted and not answered.', [], () => [[{}, pool.load]]);
  metrics.gauge('connections', 'Connections to the studio.', ['role', 'state'], () => [
    ...pool.connections.map(({ state }) => [{ role: 'commands', state }, 1] as const),
    [{ role: 'events', state: events.state }, 1],
  ]);
}
