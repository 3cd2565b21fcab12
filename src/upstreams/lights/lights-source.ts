/** The events of light arrays: four channels a node. */
import type { EventSource, OpenedChannel, SourceListener } from '../source.js';
import { escapeLevel } from '../../wire/channel-pattern.js';

export const TOPICS = ['Output', 'Message', 'UnitInfo', 'State'] as const;
export type Topic = (typeof TOPICS)[number];

/** `lights/192.168.0.23/Pycom/Output` */
export function lightChannel(node: string, topic: Topic): string {
  return `lights/${escapeLevel(node)}/Pycom/${topic}`;
}

export class LightsSource implements EventSource {
  readonly id = 'lights';
  /** The listener stands by itself: what a node's absence costs is told by `lose`. */
  readonly connected = true;
  #listener: SourceListener | undefined;
  #offers: readonly string[] = [];
  readonly #stateOf: (node: string) => object;
  readonly #nodes = new Map<string, string>();

  /** `stateOf` gives what a new listener of a `State` channel hears first. */
  constructor(stateOf: (node: string) => object) {
    this.#stateOf = stateOf;
  }

  get offers(): readonly string[] {
    return this.#offers;
  }

  owns(channel: string): boolean {
    return this.#offers.includes(channel);
  }

  attach(listener: SourceListener): void {
    this.#listener = listener;
  }

  /** Nodes send everything anyway: there is nothing to ask for. */
  open(channel: string): OpenedChannel {
    const node = this.#nodes.get(channel);
    // Not before the hub has the channel open.
    if (node !== undefined) queueMicrotask(() => this.tellState(node));
    return { ready: Promise.resolve(), close: () => undefined };
  }

  /** Offers change only when a node is found, which is told at once. */
  watch(): void {
    return undefined;
  }

  addNode(node: string): void {
    this.#nodes.set(lightChannel(node, 'State'), node);
    this.#offers = [...this.#offers, ...TOPICS.map((topic) => lightChannel(node, topic))];
    this.#listener?.onOffers();
  }

  emit(node: string, topic: Topic, event: Buffer): void {
    this.#listener?.onEvent(lightChannel(node, topic), event);
  }

  tellState(node: string): void {
    this.emit(node, 'State', Buffer.from(JSON.stringify(this.#stateOf(node))));
  }

  /** Events of the node may be missing from now on. */
  lose(node: string): void {
    this.#listener?.onLost(TOPICS.map((topic) => lightChannel(node, topic)));
  }
}
