import { once } from 'node:events';
import net from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { Random } from '../../src/simulator/random.js';

/*
 * A TCP proxy between gateway and studio that spoils what passes, frame by frame. What it does follows from its
 * seed, what it does it to from what passes. It finds frames by its own few lines, so that a mistake in the
 * gateway's codec cannot hide in it.
 */

/**
 * - `cut`: half a frame passes, then both sides are closed
 * - `reset`: both sides are reset instead of a frame
 * - `delay`: a frame, and all behind it, is held for a while
 * - `throttle`: a frame leaves a few bytes at a time
 * - `corrupt`: a bit of a frame is flipped
 * - `half-open`: a frame and all that comes after it, in that direction or in both, is swallowed; in the end the
 *   connection is reset
 * - `refuse`: the connection is reset, and so is the next that is made, as soon as it is accepted
 */
export const FAULT_KINDS = ['cut', 'reset', 'delay', 'throttle', 'corrupt', 'half-open', 'refuse'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Where frames go. */
export type Direction = 'studio' | 'gateway';

/** What a test does not leave to the seed. */
export interface Aim {
  readonly to?: Direction;
  /** Strikes the connection on which the next frame with this text passes: that frame, or what answers it. */
  readonly on?: string;
  /** Of `delay` and `half-open`: how long. */
  readonly ms?: number;
  /** Of `throttle`: bytes at a time. */
  readonly bytes?: number;
  /** Of `corrupt`. */
  readonly part?: 'header' | 'payload';
  /** Of `half-open`: in both directions. */
  readonly both?: boolean;
}

interface Fault extends Aim {
  readonly kind: FaultKind;
  /** Frames that pass first, so that a command is hit as often as its answer. */
  spares: number;
  /** Its own: when it strikes does not change what others do. */
  readonly random: Random;
}

const HEADER_BYTES = 8;
const EVENT = 4;
/** Flipped in ASCII it leaves no UTF-8, in a marker or version no RCSP: never something else that could be meant. */
const TOP_BIT = 0x80;

/** One connection of the gateway and the one to the studio behind it. */
class Link {
  readonly gateway: net.Socket;
  readonly studio: net.Socket;
  armed: Fault | undefined;
  readonly swallowed = new Set<Direction>();
  /** Ends every wait of this connection. */
  readonly #ended = new AbortController();

  constructor(gateway: net.Socket, studio: net.Socket) {
    this.gateway = gateway;
    this.studio = studio;
    for (const socket of [gateway, studio]) {
      socket.setNoDelay(true);
      // `close` follows, and tells all there is to know.
      socket.on('error', () => undefined);
      socket.once('close', () => this.#ended.abort());
    }
  }

  /** Everything may pass. */
  get isLive(): boolean {
    return this.swallowed.size === 0 && !this.gateway.destroyed && !this.studio.destroyed;
  }

  /** Rejects when the connection ends before there is room. */
  async write(to: Direction, bytes: Buffer): Promise<void> {
    if (!this[to].write(bytes)) await once(this[to], 'drain', { signal: this.#ended.signal });
  }

  /** Rejects when the connection ends meanwhile. */
  wait(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#ended.signal });
  }

  /** Nothing passes this way any more; in the end the connection is reset. */
  swallow(directions: readonly Direction[], ms: number): void {
    for (const each of directions) this.swallowed.add(each);
    const timer = setTimeout(() => this.reset(), ms);
    this.gateway.once('close', () => clearTimeout(timer));
  }

  /** What is written has time to leave. */
  end(): void {
    this.gateway.destroySoon();
    this.studio.destroySoon();
  }

  reset(): void {
    this.gateway.resetAndDestroy();
    this.studio.resetAndDestroy();
  }
}

export class FaultProxy {
  readonly #server = net.createServer();
  readonly #targetPort: number;
  readonly #random: Random;
  readonly #links = new Set<Link>();
  /** Faults that wait for the frame that they are meant for. */
  #aimed: Fault[] = [];
  #refusals = 0;
  /** Whoever connects is reset. */
  refusesAll = false;
  /** How often each kind has struck. */
  readonly count = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>;

  private constructor(targetPort: number, seed: number) {
    this.#targetPort = targetPort;
    this.#random = new Random(seed);
    this.#server.on('connection', (socket) => this.#accept(socket));
  }

  /** Ends with the test. */
  static async start(targetPort: number, { seed = 1 }: { seed?: number } = {}): Promise<FaultProxy> {
    const proxy = new FaultProxy(targetPort, seed);
    onTestFinished(() => proxy.close());
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  /** Those through which everything may still pass. */
  get connections(): number {
    return this.#live.length;
  }

  /** Faults that have struck. */
  get struck(): number {
    return Object.values(this.count).reduce((sum, count) => sum + count, 0);
  }

  /**
   * A connection chosen by the seed suffers the fault with one of its next frames, or the one on which a frame with the
   * text `on` passes. False when no connection can take it now.
   */
  inject(kind: FaultKind, aim: Aim = {}): boolean {
    const fault = this.#draw(kind, aim);
    if (fault.on !== undefined) return this.#aimed.push(fault) > 0;
    const [first, ...rest] = this.#live.filter(({ armed }) => armed === undefined);
    if (first === undefined) return false;
    const link = this.#random.pick([first, ...rest]);
    link.armed = fault;
    if (kind === 'refuse') link.reset();
    if (kind === 'refuse') this.#refusals += 1;
    return true;
  }

  /** Nothing is spoiled from now on; what is spoiled for good is reset. */
  calm(): void {
    this.#aimed = [];
    this.#refusals = 0;
    this.refusesAll = false;
    for (const link of this.#links) {
      link.armed = undefined;
      if (link.swallowed.size > 0) link.reset();
    }
  }

  resetAll(): void {
    for (const link of this.#links) link.reset();
  }

  async close(): Promise<void> {
    this.resetAll();
    if (this.#server.listening) await once(this.#server.close(), 'close');
  }

  get #live(): Link[] {
    return [...this.#links].filter(({ isLive }) => isLive);
  }

  #draw(kind: FaultKind, aim: Aim): Fault {
    const random = new Random(this.#random.integer(0, 2 ** 31));
    if (aim.to !== undefined) return { ...aim, kind, spares: 0, random };
    return { both: random.chance(0.5), ...aim, kind, spares: random.integer(0, 1), random };
  }

  #accept(socket: net.Socket): void {
    if (this.refusesAll || this.#refusals > 0) {
      this.#refusals = Math.max(0, this.#refusals - 1);
      this.count.refuse += 1;
      return void socket.on('error', () => undefined).resetAndDestroy();
    }
    const link = new Link(socket, net.connect(this.#targetPort, '127.0.0.1'));
    this.#links.add(link);
    void Promise.all([this.#carry(link, 'studio'), this.#carry(link, 'gateway')]).then(() =>
      this.#links.delete(link),
    );
  }

  /** One direction of a connection, until either side ends. */
  async #carry(link: Link, to: Direction): Promise<void> {
    try {
      for await (const frame of framesOf(to === 'studio' ? link.gateway : link.studio)) {
        this.#aim(link, frame);
        await this.#pass(link, to, frame);
      }
    } catch {
      // Reset, or ended while it waited.
    }
    link.end();
  }

  #aim(link: Link, frame: Buffer): void {
    const fault = this.#aimed.find(({ on = '' }) => frame.includes(on));
    if (fault === undefined) return;
    this.#aimed = this.#aimed.filter((each) => each !== fault);
    link.armed = fault;
  }

  async #pass(link: Link, to: Direction, frame: Buffer): Promise<void> {
    if (link.swallowed.has(to)) return;
    const fault = link.armed;
    if (fault === undefined || (fault.to ?? to) !== to || fault.spares-- > 0) return link.write(to, frame);
    link.armed = undefined;
    this.count[fault.kind] += 1;
    return strike(link, to, fault, frame);
  }
}

async function strike(link: Link, to: Direction, fault: Fault, frame: Buffer): Promise<void> {
  const { kind, random, ms, bytes } = fault;
  switch (kind) {
    case 'cut':
      await link.write(to, frame.subarray(0, random.integer(1, frame.length - 1)));
      return link.end();
    case 'delay':
      await link.wait(ms ?? random.integer(10, 200));
      return link.write(to, frame);
    case 'throttle':
      return trickle(link[to], frame, bytes ?? random.integer(1, 8));
    case 'corrupt':
      return link.write(to, corrupted(frame, to, fault));
    case 'half-open':
      return link.swallow(fault.both ? ['studio', 'gateway'] : [to], ms ?? random.integer(300, 700));
    default:
      return link.reset();
  }
}

/**
 * What a flipped bit leads to must be certain, or nobody could judge what the gateway says of it. A command is hit in
 * its header only, which the studio refuses: elsewhere it might become another command, and run. An answer is hit
 * anywhere. An event is hit in its header: nobody can say to which channel an unreadable one belonged.
 */
function corrupted(frame: Buffer, to: Direction, { part, random }: Fault): Buffer {
  const isAnswer = to === 'gateway' && frame[3] !== EVENT;
  const hit = part ?? (isAnswer ? random.pick(['header', 'payload']) : 'header');
  // The marker or the version; the brace of the payload, for other bytes can be repaired.
  const at = hit === 'header' ? random.integer(0, 1) : HEADER_BYTES;
  const copy = Buffer.from(frame);
  copy.writeUInt8(copy.readUInt8(at) ^ TOP_BIT, at);
  return copy;
}

/** Whole frames only: a frame that the end of a connection cuts is dropped. */
async function* framesOf(socket: net.Socket): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk]);
    for (let size = sizeOf(rest); size <= rest.length; size = sizeOf(rest)) {
      yield rest.subarray(0, size);
      rest = rest.subarray(size);
    }
  }
}

/** Of the frame that begins here, once that is known. */
function sizeOf(bytes: Buffer): number {
  return bytes.length < HEADER_BYTES ? Infinity : bytes.readUInt8(2) + bytes.readUInt32LE(4);
}

async function trickle(socket: net.Socket, frame: Buffer, bytes: number): Promise<void> {
  for (let at = 0; at < frame.length && socket.writable; at += bytes) {
    socket.write(frame.subarray(at, at + bytes));
    await nextTurn();
  }
}
