import ndc from 'node-datachannel';
import type { DataChannel, PeerConnection } from 'node-datachannel';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { Gateway } from './gateway.js';
import { until } from './gateway.js';

const Description = z.strictObject({ type: z.literal('answer'), sdp: z.string() });

export interface RtcClientOptions {
  readonly label?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  /** Whether it answers the gateway's pings; it can be changed. */
  readonly answersPings?: boolean;
}

export type RtcMessage = Readonly<Record<string, unknown>>;

/** An offer, and its connection, which ends with the test. */
export async function makeOffer(
  label = 'default',
): Promise<{ sdp: string; connection: PeerConnection; channel: DataChannel }> {
  const connection = new ndc.PeerConnection('test', { iceServers: [] });
  onTestFinished(() => connection.close());
  const gathered = new Promise<void>((resolve) =>
    connection.onGatheringStateChange((state) => state === 'complete' && resolve()),
  );
  const channel = connection.createDataChannel(label);
  await gathered;
  // On a busy machine, the library fails as an offerer when the other end's checks arrive before it has stored the
  // answer. Without our candidates, the other end waits for our checks and learns our address from them.
  const lines = connection.localDescription()?.sdp.split('\r\n') ?? [];
  const sdp = lines.filter((line) => !/^a=(end-of-)?candidate/.test(line)).join('\r\n');
  return { sdp, connection, channel };
}

/** A data channel of a client in this process. Ends with the test. */
export class RtcClient {
  readonly messages: RtcMessage[] = [];
  readonly texts: string[] = [];
  /** The gateway's answer. */
  readonly sdp: string;
  answersPings: boolean;
  isClosed = false;
  readonly #connection: PeerConnection;
  readonly #channel: DataChannel;

  private constructor(sdp: string, connection: PeerConnection, channel: DataChannel, answersPings: boolean) {
    this.sdp = sdp;
    this.#connection = connection;
    this.#channel = channel;
    this.answersPings = answersPings;
    channel.onMessage((message) => typeof message === 'string' && this.#hear(message));
    channel.onClosed(() => (this.isClosed = true));
    connection.onStateChange((state) => {
      if (state === 'failed' || state === 'closed') this.isClosed = true;
    });
    connection.setRemoteDescription(sdp, 'answer');
  }

  static async connect(gateway: Gateway, options: RtcClientOptions = {}): Promise<RtcClient> {
    const { label, headers = {}, path = '/v1/rtc', answersPings = false } = options;
    const { sdp, connection, channel } = await makeOffer(label);
    const answer = await gateway.ask('POST', path, { body: { type: 'offer', sdp }, headers });
    const description = Description.parse(answer.json);
    const client = new RtcClient(description.sdp, connection, channel, answersPings);
    await until(() => channel.isOpen() || client.isClosed);
    return client;
  }

  send(message: object | string): void {
    this.#channel.sendMessage(typeof message === 'string' ? message : JSON.stringify(message));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#channel.sendMessageBinary(bytes);
  }

  of(op: string): RtcMessage[] {
    return this.messages.filter((each) => each['op'] === op);
  }

  async next(op: string, count = 1): Promise<RtcMessage> {
    await until(() => this.of(op).length >= count);
    return this.of(op)[count - 1] ?? {};
  }

  closeChannel(): void {
    this.#channel.close();
  }

  close(): void {
    this.#connection.close();
  }

  #hear(text: string): void {
    this.texts.push(text);
    const message = z.record(z.string(), z.unknown()).parse(JSON.parse(text));
    this.messages.push(message);
    if (message['op'] === 'ping' && this.answersPings) this.send({ op: 'pong' });
  }
}
