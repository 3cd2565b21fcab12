import { Agent } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Line } from './line.js';
import type { LineStream } from '../transports/relay/line-stream.js';
import type { OpenCounts } from './request-rate.js';

/** Opens streams for clients, so many for each address. */
export class StreamOpener {
  readonly #counts: OpenCounts;
  /** By the connection of a client: it has one stream to each gateway, as long as it lasts. */
  readonly #agents = new WeakMap<Duplex, Map<string, LineAgent>>();

  constructor(counts: OpenCounts) {
    this.#counts = counts;
  }

  /** @throws GatewayError `Studio unreachable`, `Too busy`, `Too many requests` */
  open(line: Line, address: string): LineStream {
    this.#counts.enter(address);
    try {
      return line.connect(() => this.#counts.leave(address));
    } catch (error) {
      this.#counts.leave(address);
      throw error;
    }
  }

  /** Requests of one connection take one stream, one after another. */
  agentFor({ socket }: IncomingMessage, line: Line, address: string): Agent {
    const agents = this.#agentsOf(socket);
    const known = agents.get(line.name);
    if (known?.line === line && known.address === address) return known;
    known?.destroy();
    const agent = new LineAgent(line, address, () => this.open(line, address));
    agents.set(line.name, agent);
    return agent;
  }

  #agentsOf(socket: Duplex): Map<string, LineAgent> {
    const known = this.#agents.get(socket);
    if (known !== undefined) return known;
    const agents = new Map<string, LineAgent>();
    this.#agents.set(socket, agents);
    socket.once('close', () => {
      for (const agent of agents.values()) agent.destroy();
    });
    return agents;
  }
}

class LineAgent extends Agent {
  readonly line: Line;
  readonly address: string;
  readonly #open: () => LineStream;

  constructor(line: Line, address: string, open: () => LineStream) {
    super({ keepAlive: true, maxSockets: 1 });
    this.line = line;
    this.address = address;
    this.#open = open;
  }

  override createConnection(): Duplex {
    return this.#open();
  }
}
