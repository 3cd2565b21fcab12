import type { Caller, Principal } from '../access/scope.js';
import { assertChannelScopes } from '../access/scope.js';
import type { CommandEnd } from '../catalog/execute.js';
import { newestPlace } from '../events/resume.js';
import type { CommandRequest } from '../commands/gate.js';
import { GatewayError } from '../errors/errors.js';
import type { Hub } from '../events/hub.js';
import type { Resume } from '../events/interest-table.js';
import type { Namespace } from '../events/namespace.js';
import { Subscriber } from '../events/subscriber.js';
import type { SubscriberLimits } from '../events/subscriber.js';
import { unmatchedLines } from '../events/unmatched.js';
import type { Mode } from '../wire/mode.js';
import type { Client, Clients } from './clients.js';
import { Session } from './session.js';
import type { SessionCommand } from './session.js';
import type { Transport, TransportListener } from './transport.js';

/** Commands that one client may have in flight. */
const MAX_COMMANDS = 32;

/** What the connections of event clients need of the gateway. */
export interface EventServices {
  readonly hub: Hub;
  readonly clients: Clients;
  readonly limits: SubscriberLimits;
  readonly maxSubscriptions: number;
  readonly nextTrackId: () => string;
  readonly isStillAuthorized: (principal: Principal) => boolean;
  /** What the channel names of a client mean. */
  readonly namespaceOf: (caller: Caller) => Namespace;
  /** @throws GatewayError `Studio not found`, `Forbidden` for channels that name a studio */
  readonly assertStudios: (caller: Caller, channels: readonly string[]) => void;
  /** @throws GatewayError `Studio not found`, `Forbidden` for a command that names a studio */
  readonly dispatch: (caller: Caller, command: SessionCommand, onEnd: CommandEnd) => void;
  /** A message names a command and cannot be read. */
  readonly onRefused: (caller: Caller, command: CommandRequest, error: unknown) => void;
  /** A failure that is no answer to the client: a defect. */
  readonly onDefect: (error: unknown, trackId: string) => void;
}

/**
 * One client's connection, over whatever transport: its subscriber, its session, and its place among the clients.
 * Whoever opens it calls `end` when the transport is gone.
 */
export class EventConnection implements Client {
  readonly subscriber: Subscriber;
  readonly transport: Transport;
  readonly #services: EventServices;
  readonly #caller: Caller;
  readonly #session: Session;

  constructor(services: EventServices, caller: Caller, connect: (listener: TransportListener) => Transport) {
    this.#services = services;
    this.#caller = caller;
    this.transport = connect({
      onFree: () => this.subscriber.drain(),
      wantsNewest: () => this.subscriber.wantsNewest,
    });
    const namespace = services.namespaceOf(caller);
    this.subscriber = new Subscriber(this.transport, services.limits, namespace);
    this.#session = new Session(this.subscriber, {
      hub: services.hub,
      dispatch: (command, onEnd) => services.dispatch(caller, command, onEnd),
      assertChannelScopes: (channels) => {
        services.assertStudios(caller, channels);
        assertChannelScopes(caller.principal, channels, namespace.studio);
      },
      onRefused: (command, deviceId, error) => services.onRefused(caller, { ...command, deviceId }, error),
      nextTrackId: services.nextTrackId,
      maxSubscriptions: services.maxSubscriptions,
      maxCommands: MAX_COMMANDS,
      onDefect: services.onDefect,
    });
  }

  get isStillAuthorized(): boolean {
    return this.#services.isStillAuthorized(this.#caller.principal);
  }

  closeAfterReplies(code: number, reason: string): void {
    this.#session.closeAfterReplies(code, reason);
  }

  /** The transport is up, and its client may send messages. */
  open(): void {
    this.#services.clients.add(this);
    this.transport.start(undefined, []);
  }

  /** Takes one message of the client. */
  receive(text: string): Promise<void> | undefined {
    return this.#session.receive(text);
  }

  /**
   * Subscribes a client that sends no messages, and starts its transport once the sources have taken its channels.
   *
   * @throws GatewayError, RejectedError; see `Hub.subscribe`. Nothing has been written then.
   */
  async stream(
    channels: readonly string[],
    mode: Mode,
    last: Parameters<Hub['resumeFrom']>[0] | undefined,
  ): Promise<void> {
    const { hub, clients } = this.#services;
    const resume: Resume | undefined = last && hub.resumeFrom(last);
    await this.#session.subscribe(channels, mode, resume, (subscriptions, subscribed) => {
      // Others may have come while the studio was asked.
      if (clients.isFull) throw new GatewayError('Too busy', 'Too many event clients are connected.');
      clients.add(this);
      this.transport.start(last ?? newestPlace(subscribed), unmatchedLines(subscriptions));
    });
  }

  /** The transport is gone. */
  end(): void {
    this.subscriber.end();
    this.#services.clients.remove(this);
    this.transport.end();
  }
}
