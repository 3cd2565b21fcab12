import { expect } from 'vitest';
import { Random } from '../../src/simulator/random.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import type { EventClient } from '../support/event-client.js';
import { Problem, problemOf } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';

/** Short, so that a half-open connection soon costs no more; a second is the least that HTTP can ask for. */
const WS_TIMEOUT_MS = 400;
const PREFER = { prefer: 'wait=1' };

/** Every way in which a command may fail here, with its status. */
const FAILURES: Readonly<Record<string, number>> = {
  'Connection lost': 502,
  'Protocol error': 502,
  'Studio unreachable': 503,
  Timeout: 504,
};

export type Outcome = 'done' | 'not-sent' | 'no-answer' | 'rejected';

/** What a caller got: the response, undefined when there is none, or a problem. */
type Told =
  | { readonly ok: true; readonly response: unknown }
  | { readonly ok: false; readonly problem: unknown };

/** Asks over HTTP and WebSocket, notes how each command ended, and what of that was wrong. */
export class Caller {
  readonly faults: string[] = [];
  readonly outcomes = new Map<Outcome, number>();
  /** What was said of each write, by its tag. */
  readonly writes = new Map<number, Outcome>();
  inFlight = 0;
  readonly #gateway: Gateway;
  readonly #socket: EventClient;
  readonly #names: readonly string[];
  readonly #random: Random;
  #tag = 0;
  #done = 1;

  constructor(gateway: Gateway, socket: EventClient, simulator: Simulator, seed: number) {
    this.#gateway = gateway;
    this.#socket = socket;
    this.#random = new Random(seed);
    this.#names = [...simulator.world.devices.values()].map(({ name }) => name);
  }

  /** Questions over the WebSocket that were answered more than once. */
  get repeatedAnswers(): readonly unknown[] {
    const ids = this.#socket.messages.map((each) => ('id' in each ? each.id : null));
    return ids.filter((id, i) => ids.indexOf(id) !== i);
  }

  get ended(): number {
    return [...this.outcomes.values()].reduce((sum, count) => sum + count, 0);
  }

  /** One command, of any kind and by any way; nobody waits for it. */
  launch(): void {
    if (this.#random.chance(0.5)) return this.write();
    this.#random.pick([() => this.#readName(), () => this.#readTag()])();
  }

  /** The number of a tag is its own, and so tells which write ran. */
  write(): void {
    const tag = (this.#tag += 1);
    const args = { Tag: tag, UserData: { tag } };
    const told = this.#random.pick([
      () => this.#http('PUT', `/v1/recording/tags/${tag}`, { UserData: { tag } }),
      () => this.#http('POST', '/v1/commands/SaveUserData', { Arguments: args }),
      () => this.#ws('SaveUserData', args),
    ])();
    this.#follow(told, undefined, (outcome) => {
      this.writes.set(tag, outcome);
      if (outcome === 'done') this.#done = tag;
    });
  }

  #readName(): void {
    const DeviceId = this.#random.integer(1, this.#names.length);
    const told = this.#random.chance(0.5)
      ? this.#http('GET', `/v1/devices/${DeviceId}/name`)
      : this.#ws('GetDeviceName', { DeviceId });
    this.#follow(told, { DeviceName: this.#names[DeviceId - 1] });
  }

  /** What a write put there that is known to have run. */
  #readTag(): void {
    const tag = this.#done;
    const told = this.#random.chance(0.5)
      ? this.#http('GET', `/v1/recording/tags/${tag}`)
      : this.#ws('LoadJsonData', { Tag: tag });
    this.#follow(told, { Tag: tag, UserData: { tag } });
  }

  #follow(told: Promise<Told>, wanted: unknown, note: (outcome: Outcome) => void = () => undefined): void {
    this.inFlight += 1;
    const end = async (): Promise<void> => {
      const outcome = this.#judge(await told, wanted);
      this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
      note(outcome);
    };
    end()
      .catch((error: unknown) => this.faults.push(String(error)))
      .finally(() => (this.inFlight -= 1));
  }

  #judge(told: Told, wanted: unknown): Outcome {
    if (told.ok) {
      expect(told.response ?? undefined).toEqual(wanted);
      return 'done';
    }
    const { code, status, outcome } = Problem.parse(told.problem);
    expect([code, status]).toEqual([code, FAILURES[code]]);
    expect(outcome).toBeDefined();
    return outcome!;
  }

  async #http(method: string, path: string, body?: unknown): Promise<Told> {
    const reply = await this.#gateway.ask(method, path, { headers: PREFER, body });
    if (reply.status >= 400) return { ok: false, problem: problemOf(reply) };
    return { ok: true, response: reply.json };
  }

  async #ws(command: string, args: object): Promise<Told> {
    const message = { op: 'command', command, arguments: args, timeoutMs: WS_TIMEOUT_MS };
    const answer = await this.#socket.ask(message);
    if (answer.op === 'response') return { ok: true, response: answer.response };
    return { ok: false, problem: answer.op === 'error' ? answer.error : answer };
  }
}
