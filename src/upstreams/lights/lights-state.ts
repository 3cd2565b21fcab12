/** What is kept of light arrays across restarts, in one file of the state folder. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { readTextFile } from '../../util/text-file.js';
import { sequence } from './light-registers.js';

const unit = z.object({
  wiringPiVersion: z.string().nullable(),
  boardioVersion: z.string().nullable(),
  firmwareVersion: z.string().nullable(),
  unitType: z.string().nullable(),
  mcuType: z.string().nullable(),
  macAddress: z.string().nullable(),
});

const nodeState = z.object({
  id: z.string().nullable(),
  name: z.string().nullable(),
  version: z.string().nullable(),
  unit: unit.nullable(),
  /** As it was last uploaded. */
  sequence: sequence.nullable(),
});

const file = z.object({
  coordinatorId: z.string().regex(/^[0-9a-f]{8}$/),
  nodes: z.record(z.string(), nodeState),
});

export type LightUnit = z.output<typeof unit>;
export type NodeState = z.output<typeof nodeState>;

const NOTHING: NodeState = { id: null, name: null, version: null, unit: null, sequence: null };

/** Without a file it lasts as long as the gateway. What cannot be read or written is reported and goes on in memory. */
export class LightsState {
  readonly #path: string | undefined;
  readonly #onFailure: (what: string, error: Error) => void;
  #kept: z.output<typeof file>;

  constructor(path: string | undefined, onFailure: (what: string, error: Error) => void) {
    this.#path = path;
    this.#onFailure = onFailure;
    this.#kept = this.#read() ?? { coordinatorId: randomBytes(4).toString('hex'), nodes: {} };
  }

  /** The gateway's own id; written with the first change, and when it is new. */
  get coordinatorId(): string {
    return this.#kept.coordinatorId;
  }

  of(node: string): NodeState {
    return this.#kept.nodes[node] ?? NOTHING;
  }

  change(node: string, news: Partial<NodeState>): void {
    const nodes = { ...this.#kept.nodes, [node]: { ...this.of(node), ...news } };
    this.#kept = { ...this.#kept, nodes };
    this.save();
  }

  /** Writes beside the file and renames: a crash leaves the old one whole. */
  save(): void {
    if (this.#path === undefined) return;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      const fresh = `${this.#path}.${process.pid}.new`;
      writeFileSync(fresh, `${JSON.stringify(this.#kept, null, 2)}\n`, { mode: 0o600 });
      renameSync(fresh, this.#path);
    } catch (error) {
      this.#onFailure(`${this.#path} cannot be written`, error as Error);
    }
  }

  #read(): z.output<typeof file> | undefined {
    if (this.#path === undefined) return undefined;
    try {
      return file.parse(JSON.parse(readTextFile(this.#path)));
    } catch (error) {
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!isMissing) this.#onFailure(`${this.#path} cannot be read`, error as Error);
      return undefined;
    }
  }
}
