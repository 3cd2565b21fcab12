import { answerOf } from '../../catalog/execute.js';
import type { CommandEnd } from '../../catalog/execute.js';
import type { Connection } from './connection.js';
import { PendingCommand } from './pending-command.js';
import type { CreateProbe } from './pending-command.js';
import { SilenceError, SilenceProbe } from './silence-probe.js';

const PROBE_TIMEOUT_MS = 5000;

export interface CommandProbesOptions {
  /** Milliseconds without a byte after which an idle connection is probed. */
  readonly silenceMs: number;
  readonly createProbe: CreateProbe;
}

/**
 * Finds connections for commands on which the studio stopped answering. One that waits for an answer is not probed:
 * answers come in order, so a probe would wait behind a slow command, and that command has its own timeout.
 */
export class CommandProbes {
  readonly #options: CommandProbesOptions;
  readonly #probes = new Map<Connection, SilenceProbe>();

  constructor(options: CommandProbesOptions) {
    this.#options = options;
  }

  /** Call it whenever a connection's state has changed. */
  onState(connection: Connection): void {
    this.#probes.get(connection)?.stop();
    this.#probes.delete(connection);
    if (!connection.isUp) return;
    const probe = this.#create(connection);
    this.#probes.set(connection, probe);
    probe.start(false);
  }

  #create(connection: Connection): SilenceProbe {
    const { silenceMs, createProbe } = this.#options;
    return new SilenceProbe({
      silenceMs,
      heardAt: () => connection.heardAt,
      ask: async () => {
        if (connection.load > 0) return;
        await answerOf((onEnd) => connection.send(createProbe(onEnd)));
      },
      onAlive: () => undefined,
      onSilent: () => connection.replace(new SilenceError('silent, and Info not answered in time')),
    });
  }
}

/** A command that any studio answers; a refusal is a sign of life, too. */
export function createProbe(
  trackId: string,
  onEnd: CommandEnd,
  timeoutMs = PROBE_TIMEOUT_MS,
): PendingCommand {
  const command = { Command: 'Info', TrackId: trackId, Version: 1 };
  return new PendingCommand({ command, slow: false, repeatable: false, timeoutMs }, onEnd);
}
