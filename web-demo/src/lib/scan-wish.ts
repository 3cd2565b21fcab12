import { Store } from './store.js';

/** The device that is to scan for networks as soon as its view can: the command palette asks, the view takes it. */
class ScanWish extends Store {
  #deviceId: number | undefined;

  readonly snapshot = (): number | undefined => this.#deviceId;

  ask(deviceId: number | undefined): void {
    this.#deviceId = deviceId;
    this.notify();
  }
}

export const scanWish = new ScanWish();
