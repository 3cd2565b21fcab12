/** Looks for light arrays in a network of at most 254 addresses, when told to. */
import { randomBytes } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Address } from '../../util/address.js';
import { readMarked } from './light-script.js';
import { encodeCommand } from './protocol/pycom-message.js';
import type { BaseFields, ReceivedMessage } from './protocol/pycom-message.js';
import type { PycomSender } from './pycom-sender.js';

export interface NodeScanOptions {
  readonly sender: PycomSender;
  /** The listener's address; a wildcard stands for every network of this machine. */
  readonly listen: string;
  readonly port: number;
  readonly isKnown: (remote: string) => boolean;
  readonly baseFields: () => BaseFields | undefined;
  /** Something answered as pycom does; what it said before is passed on. */
  readonly onFound: (address: Address, said: readonly ReceivedMessage[]) => void;
  readonly intervalMs?: number;
}

const INTERVAL_MS = 60_000;
/** Addresses asked at once, and milliseconds for a connection. */
const AT_ONCE = 16;
const CONNECT_MS = 500;
/** Milliseconds that an answer may take. */
const ANSWER_MS = 5000;
const MAX_NETWORKS = 4;
const MAX_FOUND = 16;
/** Messages kept of an address before its answer: unit info comes once, and first. */
const MAX_SAID = 4;
/** A node that is connected directly has this address: it is asked first. */
const FALLBACK_HOST = 23;

interface Candidate {
  readonly mark: string;
  readonly said: ReceivedMessage[];
}

/**
 * Asks each address to echo a mark. Only an address that took the request is heard, for a while, and only one that
 * answers with its mark is a node.
 */
export class NodeScan {
  readonly #options: NodeScanOptions;
  readonly #candidates = new Map<string, Candidate>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #next: NodeJS.Timeout | undefined;
  #found = 0;
  #isStopped = false;

  constructor(options: NodeScanOptions) {
    this.#options = options;
  }

  isCandidate(remote: string): boolean {
    return this.#candidates.has(remote);
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#next);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** False when it is no answer of a candidate. */
  onMessage(remote: string, received: ReceivedMessage): boolean {
    const candidate = this.#candidates.get(remote);
    if (candidate === undefined) return false;
    const { message } = received;
    if (message.type_ !== 'output' || readMarked(message.output, candidate.mark) === undefined) {
      if (candidate.said.length < MAX_SAID) candidate.said.push(received);
      return true;
    }
    this.#candidates.delete(remote);
    this.#found += 1;
    this.#options.onFound({ host: remote, port: this.#options.port }, candidate.said);
    return true;
  }

  async #run(): Promise<void> {
    const hosts = hostsToAsk(this.#options.listen);
    const ask = async (): Promise<void> => {
      for (let host = hosts.shift(); host !== undefined && !this.#isOver; host = hosts.shift())
        await this.#ask(host);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
    if (this.#isOver) return;
    this.#next = setTimeout(() => void this.#run(), this.#options.intervalMs ?? INTERVAL_MS);
  }

  get #isOver(): boolean {
    return this.#isStopped || this.#found >= MAX_FOUND;
  }

  async #ask(host: string): Promise<void> {
    const { sender, port, isKnown, baseFields } = this.#options;
    const fields = baseFields();
    if (fields === undefined || isKnown(host) || this.#candidates.has(host)) return;
    const mark = randomBytes(8).toString('hex');
    const request = encodeCommand(fields, `echo @@${mark}:ok`);
    const candidate: Candidate = { mark, said: [] };
    try {
      const { sent, taken } = sender.send({ host, port }, request, AbortSignal.timeout(CONNECT_MS));
      await sent;
      // The answer may overtake the end of the request.
      this.#candidates.set(host, candidate);
      await taken;
      this.#forgetLater(host, candidate);
    } catch {
      // Nothing is there, or it does not speak pycom.
      this.#forget(host, candidate);
    }
  }

  #forgetLater(host: string, candidate: Candidate): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#forget(host, candidate);
    }, ANSWER_MS);
    this.#timers.add(timer);
  }

  #forget(host: string, candidate: Candidate): void {
    if (this.#candidates.get(host) === candidate) this.#candidates.delete(host);
  }
}

/** The other addresses of the /24 networks, without those of this machine. */
function hostsToAsk(listen: string): string[] {
  const own = ownAddresses(listen);
  const numbers = [
    FALLBACK_HOST,
    ...Array.from({ length: 254 }, (_, i) => i + 1).filter((n) => n !== FALLBACK_HOST),
  ];
  const networks = new Set(own.map((each) => each.slice(0, each.lastIndexOf('.'))));
  return [...networks]
    .slice(0, MAX_NETWORKS)
    .flatMap((network) => numbers.map((n) => `${network}.${n}`))
    .filter((host) => !own.includes(host));
}

/** The IPv4 addresses at which we listen. */
export function ownAddresses(listen: string): readonly string[] {
  if (listen === 'localhost') return ['127.0.0.1'];
  if (listen !== '0.0.0.0' && listen !== '::') return isIPv4(listen) ? [listen] : [];
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
}
