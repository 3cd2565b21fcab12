/** Requests to nodes: a TCP connection each, one write and FIN. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Address } from '../../util/address.js';

/** Milliseconds to connect. */
const CONNECT_MS = 3000;
/** Milliseconds that a node has to close the connection after the request. */
const CLOSE_MS = 5000;

/** One request on its way. */
export interface Delivery {
  /** Resolves with the node's IP address once it is connected and the request is written; rejects when nothing was. */
  readonly sent: Promise<string>;
  /** Resolves once the node has closed the connection without an error: it took the request. */
  readonly taken: Promise<string>;
}

export class PycomSender {
  readonly #sockets = new Set<Socket>();

  /** The signal ends it while nothing is sent. */
  send({ host, port }: Address, request: Buffer, signal?: AbortSignal): Delivery {
    const socket = connect({ host, port });
    const abort = (): void => void socket.destroy(new Error('it was given up on'));
    signal?.addEventListener('abort', abort, { once: true });
    this.#sockets.add(socket);
    let remote = '';
    let overdue = setTimeout(() => socket.destroy(late('connect')), CONNECT_MS);
    const sent = new Promise<string>((resolve, reject) => {
      socket.once('connect', () => {
        clearTimeout(overdue);
        overdue = setTimeout(() => socket.destroy(late('close the connection')), CLOSE_MS);
        signal?.removeEventListener('abort', abort);
        remote = plainAddress(socket.remoteAddress);
        socket.end(request);
        resolve(remote);
      });
      socket.once('error', reject);
    });
    const taken = new Promise<string>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('close', () => {
        clearTimeout(overdue);
        signal?.removeEventListener('abort', abort);
        this.#sockets.delete(socket);
        if (remote === '') reject(new Error('the connection was closed'));
        else resolve(remote);
      });
    });
    // Each caller waits for one of them.
    sent.catch(() => undefined);
    taken.catch(() => undefined);
    // Whatever a node says here is not part of pycom; unread bytes would keep the connection open.
    socket.resume();
    return { sent, taken };
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy(new Error('the gateway ends'));
  }
}

function late(what: string): Error {
  return new Error(`the node did not ${what} in time`);
}

/** An IPv4 address as it is written, also where the system maps it into IPv6. */
export function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
}
