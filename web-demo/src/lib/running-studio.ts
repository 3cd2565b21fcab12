import { DeviceStore } from './device-store.js';
import { chosenTransport } from './gateway.js';
import { gatewayUrl, storedToken } from './stored-token.js';
import { JobStore } from './job-store.js';
import { LinkStore } from './link-store.js';
import { PageClient } from './page-client.js';
import { SignalStore } from './signal-store.js';
import type { Studio } from './studio.js';

/** Why the gateway does not let us in: it wants a token, or another one (401), or nobody like us (403). */
export interface AccessEnd {
  readonly status: number;
  readonly detail: string;
}

/** The connection that all views share, and the stores that listen to it. */
export class RunningStudio {
  readonly token = storedToken();
  readonly studio: Studio;
  /** Undefined while the gateway lets us in. */
  #end: AccessEnd | undefined;
  #onEnd: (end: AccessEnd) => void = () => undefined;

  constructor() {
    const { token } = this;
    const client = new PageClient({
      url: gatewayUrl(''),
      transport: chosenTransport(),
      ...(token !== null && { token }),
    });
    const devices = new DeviceStore(client);
    this.studio = {
      client,
      link: new LinkStore(client),
      devices,
      jobs: new JobStore(client, devices),
      signals: new SignalStore(client),
    };
    client.on('state', ({ state, cause }) => {
      if (state !== 'refused') return;
      this.#end = { status: cause?.status ?? 401, detail: cause?.detail ?? '' };
      this.#onEnd(this.#end);
    });
    const { link, jobs, signals } = this.studio;
    for (const store of [link, devices, jobs, signals]) store.start();
  }

  /** Calls it when access ends, at once when that has happened. */
  set onEnd(listener: (end: AccessEnd) => void) {
    this.#onEnd = listener;
    if (this.#end !== undefined) listener(this.#end);
  }

  close(): void {
    const { client, link, devices, jobs, signals } = this.studio;
    this.#onEnd = () => undefined;
    for (const store of [signals, jobs, devices, link]) store.stop();
    client.close();
  }
}
