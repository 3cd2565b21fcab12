import { EventEmitter } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { ANYBODY } from '../../src/access/scope.js';
import type { Framing } from '../../src/events/delivery.js';
import type { Transport, TransportListener } from '../../src/transports/transport.js';
import type { EventSource, OpenedChannel, SourceListener } from '../../src/upstreams/source.js';
import type { GatewayMessage } from '../../src/wire/messages.js';
import { startBoth, until } from '../support/gateway.js';

/** An upstream of another kind: a clock whose ticks are events, `Clock/<Name>`. */
class ClockSource implements EventSource {
  readonly id = 'clock';
  connected = true;
  offers: readonly string[] = ['Clock/Seconds'];
  isWatched = false;
  readonly open_ = new Set<string>();
  listener!: SourceListener;

  owns(channel: string): boolean {
    return channel.startsWith('Clock/');
  }

  attach(listener: SourceListener): void {
    this.listener = listener;
  }

  open(channel: string): OpenedChannel {
    this.open_.add(channel);
    return { ready: Promise.resolve(), close: () => void this.open_.delete(channel) };
  }

  watch(isWatched: boolean): void {
    this.isWatched = isWatched;
  }

  tick(channel: string, n: number): void {
    this.listener.onEvent(
      channel,
      Buffer.from(`{"Publisher":"Clock","Topic":"Tick","EventData":{"n":${n}}}`),
    );
  }

  connect(connected: boolean): void {
    this.connected = connected;
    this.listener.onSource(connected);
  }
}

/** Whole messages, never joined: as a data channel wants them. */
const messageFraming: Framing = {
  name: 'toy',
  event: ({ message }) => message,
  message: (message) => Buffer.from(JSON.stringify(message)),
  answer: (head, response) => Buffer.concat([Buffer.from(head), response, Buffer.from('}')]),
  batch: (frames) => frames,
};

/** A transport that carries one message at a time, and stands still when told to. */
class MessageTransport extends EventEmitter implements Transport {
  readonly framing = messageFraming;
  readonly answeredAt = undefined;
  readonly messages: GatewayMessage[] = [];
  takenBytes = 0;
  isFree = true;
  readonly listener: TransportListener;

  constructor(listener: TransportListener) {
    super();
    this.listener = listener;
  }

  get pendingBytes(): number {
    return this.isFree ? 0 : 1;
  }

  write(batch: readonly Buffer[]): void {
    for (const message of batch) this.messages.push(JSON.parse(message.toString()) as GatewayMessage);
  }

  resume(): void {
    this.isFree = true;
    this.listener.onFree();
  }

  start(): void {
    this.emit('start');
  }

  close(): void {
    this.emit('close');
  }

  corkUntilNextTick(): void {
    this.emit('cork');
  }

  ping(): void {
    this.emit('ping');
  }

  terminate(): void {
    this.emit('close');
  }

  end(): void {
    this.removeAllListeners();
  }
}

async function start(settings: Readonly<Record<string, unknown>> = {}) {
  const { gateway } = await startBoth(settings);
  const source = new ClockSource();
  gateway.app.hub.addSource(source);
  const connect = () => {
    let transport: MessageTransport | undefined;
    const caller = { principal: ANYBODY, address: '127.0.0.1', via: 'websocket' } as const;
    const connection = gateway.app.eventClients.connect(
      caller,
      (listener) => (transport = new MessageTransport(listener)),
    );
    connection.open();
    onTestFinished(() => connection.end());
    const { messages } = transport!;
    return {
      transport: transport!,
      messages,
      say: (message: object) => connection.receive(JSON.stringify(message)),
      story: () => messages.map(tell),
      end: () => connection.end(),
    };
  };
  return { gateway, source, connect };
}

function tell(message: GatewayMessage): string {
  if (message.op === 'event') {
    const { n } = message.event.EventData as { n: number };
    return `${message.channel} ${n}`;
  }
  return message.op === 'gap' ? `gap ${message.cause}` : message.op;
}

test('a second kind of upstream and a third transport work with wildcards and later offers', async () => {
  const { source, connect } = await start();
  const client = connect();
  await client.say({ op: 'subscribe', id: 1, channels: ['Clock/*'] });
  expect(source.isWatched).toBe(true);
  source.tick('Clock/Seconds', 1);
  source.offers = ['Clock/Seconds', 'Clock/Minutes'];
  source.listener.onOffers();
  source.tick('Clock/Minutes', 2);
  await until(() => client.messages.length === 3);
  expect(client.story()).toEqual(['subscribed', 'Clock/Seconds 1', 'Clock/Minutes 2']);
  await client.say({ op: 'unsubscribe', id: 2, channels: ['Clock/*'] });
  expect(source.isWatched).toBe(false);
});

test('a client of the third transport resumes from its cursor and is told what is missing', async () => {
  const { source, connect } = await start({ historyEvents: '3' });
  const first = connect();
  await first.say({ op: 'subscribe', channels: ['Clock/Seconds'] });
  for (const n of [1, 2, 3, 4, 5, 6]) source.tick('Clock/Seconds', n);
  await until(() => first.messages.length === 7);
  const event = first.messages[1];
  first.end();
  const second = connect();
  const since = { 'Clock/Seconds': event?.op === 'event' ? event.cursor : '' };
  await second.say({ op: 'subscribe', channels: ['Clock/Seconds'], since });
  expect(second.story()).toEqual([
    'subscribed',
    'gap evicted',
    'Clock/Seconds 4',
    'Clock/Seconds 5',
    'Clock/Seconds 6',
  ]);
});

test('the loss of one upstream is a gap on its own channels only', async () => {
  const { gateway, source, connect } = await start();
  const client = connect();
  await client.say({ op: 'subscribe', channels: ['Clock/Seconds', 'Logs/Info'] });
  source.connect(false);
  source.connect(true);
  source.tick('Clock/Seconds', 1);
  await until(() => client.messages.length === 3);
  expect(client.story()).toEqual(['subscribed', 'gap upstream-lost', 'Clock/Seconds 1']);
  expect(client.messages[1]).toMatchObject({ channel: 'Clock/Seconds' });
  expect(gateway.app.studios.default.upstream.events.connected).toBe(true);
});

test('a slow client of the third transport gets the newest event in mode latest', async () => {
  const { source, connect } = await start();
  const client = connect();
  await client.say({ op: 'subscribe', channels: ['Clock/Seconds'], mode: 'latest' });
  client.transport.isFree = false;
  for (const n of [1, 2, 3]) {
    source.tick('Clock/Seconds', n);
    await new Promise((resolve) => void setImmediate(resolve));
  }
  client.transport.resume();
  expect(client.story()).toEqual(['subscribed', 'Clock/Seconds 3']);
});

test('a command over the third transport is answered with the bytes of the studio', async () => {
  const { gateway, connect } = await start();
  const client = connect();
  await client.say({ op: 'command', id: 7, command: 'GetDeviceName', arguments: { DeviceId: 1 } });
  const { json } = await gateway.get('/v1/devices/1/name');
  expect(client.messages).toEqual([{ op: 'response', id: 7, status: 200, response: json }]);
});

test('the hub refuses a second source with the same id', async () => {
  const { gateway } = await start();
  expect(() => gateway.app.hub.addSource(new ClockSource())).toThrow(
    'There are two sources with the id clock.',
  );
});
