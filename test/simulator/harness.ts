import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { FrameDecoder, FrameType, encodeFrame } from '../../src/upstreams/rcsp/protocol/frame.js';
import type { SimulatorOptions } from '../../src/simulator/simulator.js';
import { Simulator } from '../../src/simulator/simulator.js';

const Answer = z.strictObject({
  TrackId: z.string(),
  Status: z.enum(['Ok', 'Error']),
  Version: z.number(),
  Response: z.looseObject({}).optional(),
  Error: z.strictObject({ Code: z.string(), Message: z.string() }).optional(),
});
export type Answer = z.infer<typeof Answer>;

const Event = z.strictObject({ Publisher: z.string(), Topic: z.string(), EventData: z.looseObject({}) });
export type Event = z.infer<typeof Event>;

export interface Running {
  readonly simulator: Simulator;
  readonly port: number;
}

/** Ends with the test. Nothing happens in it by itself unless asked for. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Running> {
  const simulator = new Simulator({ events: false, ...options });
  onTestFinished(() => simulator.close());
  const { port } = await simulator.listen();
  return { simulator, port };
}

/** Polls: for what the other side of a socket comes to see. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** A client that keeps all that it is told. */
export class Client {
  readonly answers: Answer[] = [];
  readonly events: Event[] = [];
  readonly socket: Socket;
  closed = false;
  #sent = 0;
  readonly #checks = new Set<() => void>();

  constructor(socket: Socket) {
    this.socket = socket;
  }

  static async open(port: number): Promise<Client> {
    const client = new Client(connect(port, '127.0.0.1'));
    onTestFinished(() => void client.socket.destroy());
    await client.#start();
    return client;
  }

  async ask(command: string, args?: Record<string, unknown>, version = 1): Promise<Answer> {
    const trackId = this.send(command, args, version);
    return this.answerTo(trackId);
  }

  async response(
    command: string,
    args?: Record<string, unknown>,
    version = 1,
  ): Promise<Record<string, unknown>> {
    const answer = await this.ask(command, args, version);
    if (answer.Error !== undefined)
      throw new Error(`${command}: ${answer.Error.Code}: ${answer.Error.Message}`);
    return answer.Response ?? {};
  }

  /** undefined when the command was accepted. */
  async code(command: string, args?: Record<string, unknown>): Promise<string | undefined> {
    return (await this.ask(command, args)).Error?.Code;
  }

  send(Command: string, Arguments?: Record<string, unknown>, Version = 1): string {
    const TrackId = `t${++this.#sent}`;
    this.sendPayload(JSON.stringify({ Command, TrackId, Version, ...(Arguments ? { Arguments } : {}) }));
    return TrackId;
  }

  sendPayload(payload: string | Uint8Array): void {
    this.socket.write(encodeFrame(FrameType.command, payload));
  }

  async answerTo(trackId: string): Promise<Answer> {
    const find = (): Answer | undefined => this.answers.find(({ TrackId }) => TrackId === trackId);
    await this.#until(() => find() !== undefined || this.closed);
    const answer = find();
    if (answer === undefined) throw new Error(`closed before the answer to ${trackId}`);
    return answer;
  }

  async answerCount(count: number): Promise<void> {
    await this.#until(() => this.answers.length >= count || this.closed);
  }

  /** The first event of that topic, also one that is there already. */
  async event(topic: string): Promise<Event> {
    const find = (): Event | undefined => this.events.find(({ Topic }) => Topic === topic);
    await this.#until(() => find() !== undefined || this.closed);
    const event = find();
    if (event === undefined) throw new Error(`closed before an event ${topic}`);
    return event;
  }

  async eventCount(count: number): Promise<void> {
    await this.#until(() => this.events.length >= count || this.closed);
  }

  async close(): Promise<void> {
    await this.#until(() => this.closed);
  }

  async #start(): Promise<void> {
    const decoder = new FrameDecoder((type, payload) => this.#take(type, payload));
    this.socket.on('data', (chunk) => decoder.push(chunk));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.closed = true;
      this.#check();
    });
    await once(this.socket, 'connect');
  }

  #take(type: number, payload: Buffer): void {
    const json: unknown = JSON.parse(payload.toString());
    if (type === FrameType.event) this.events.push(Event.parse(json));
    else {
      const answer = Answer.parse(json);
      if ((type === FrameType.responseOk) !== (answer.Status === 'Ok'))
        throw new Error('type and Status disagree');
      this.answers.push(answer);
    }
    this.#check();
  }

  #check(): void {
    for (const check of this.#checks) check();
  }

  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!condition()) return;
        this.#checks.delete(check);
        resolve();
      };
      this.#checks.add(check);
      check();
    });
  }
}
