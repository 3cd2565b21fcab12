import type { Studio } from './behaviour.js';
import type { Clock } from './clock.js';
import { disconnectDevice, reconnectDevice } from './comings-and-goings.js';
import type { Device } from './device.js';
import type { Random } from './random.js';
import { sampleEvent } from './sample-events.js';

type Told = Pick<Studio, 'world' | 'emit'>;

/** Each is listed as often as its relative frequency. */
const LOG_TOPICS = ['Info', 'Info', 'Info', 'Info', 'Info', 'Info', 'Warning', 'Warning', 'Error'] as const;
const DEVICE_LOG_TOPICS = ['Debug', 'Debug', 'Debug', 'Info', 'Info', 'Info', 'Warning', 'Error'] as const;
const DEVICE_TOPICS = [
  'Seen',
  'Mapped',
  'Initialized',
  'FlipDecided',
  'EmfSaturated',
  'GyrSaturated',
  'AccSaturated',
  'CoilDetected',
] as const;

/**
 * Spontaneous activity of the studio: one loop for each kind, until the clock stops. Device 1 never disconnects, and no
 * device disconnects during an update.
 */
export class Life {
  readonly #studio: Told;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(studio: Told, clock: Clock, random: Random) {
    this.#studio = studio;
    this.#clock = clock;
    this.#random = random;
  }

  start(): void {
    this.#again(1500, 3500, () => this.#log());
    this.#again(800, 2500, () => this.#deviceLog());
    this.#again(6000, 12_000, () => this.#press());
    this.#again(9000, 18_000, () => this.#deviceEvent());
    this.#again(45_000, 60_000, () => this.#outage());
  }

  #again(low: number, high: number, happen: () => void | Promise<void>): void {
    this.#clock.run(async () => {
      for (;;) {
        await this.#clock.wait(this.#random.between(low, high));
        await happen();
      }
    });
  }

  #log(): void {
    this.#publish('Logs', this.#random.pick(LOG_TOPICS));
  }

  #deviceLog(): void {
    const device = this.#pick(() => true);
    if (device === undefined) return;
    const topic = this.#random.pick(DEVICE_LOG_TOPICS);
    this.#publish('DeviceLogs', topic, device, device.id);
  }

  #press(): void {
    const glove = this.#pick(({ type }) => type === 'Smartgloves');
    if (glove !== undefined) this.#publish('DeviceEvents', 'ButtonPushed', glove, glove.id);
  }

  #deviceEvent(): void {
    const device = this.#pick(() => true);
    if (device !== undefined) this.#publish('DeviceEvents', this.#random.pick(DEVICE_TOPICS), device);
  }

  /** Simulates a loose plug: the device disconnects and reconnects seconds later. */
  async #outage(): Promise<void> {
    const { world } = this.#studio;
    const device = this.#pick(({ id }) => id !== 1);
    if (device === undefined || world.updating !== undefined) return;
    disconnectDevice(this.#studio, device.id);
    await this.#clock.wait(this.#random.between(4000, 8000));
    reconnectDevice(this.#studio, device);
  }

  #publish(publisher: string, topic: string, about?: Device, deviceId?: number): void {
    const data = sampleEvent(this.#studio.world, publisher, topic, about?.id, this.#random);
    this.#studio.emit(publisher, topic, data, deviceId);
  }

  #pick(fits: (device: Device) => boolean): Device | undefined {
    const [first, ...rest] = [...this.#studio.world.devices.values()].filter(fits);
    return first === undefined ? undefined : this.#random.pick([first, ...rest]);
  }
}
