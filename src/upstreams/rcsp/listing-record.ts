/** The studio's listings as it gave them, for those who read them elsewhere. */

/** Those of the studio, and those of each device. */
const OWN = ['Info', 'ListCommands', 'ListPublishers', 'ListErrorCodes', 'ListDevices'] as const;
const OF_DEVICES = ['ListDeviceCommands', 'ListPublishers'] as const;

type OwnListing = (typeof OWN)[number];
type DeviceListing = (typeof OF_DEVICES)[number];

export interface Catalogue extends Readonly<Record<OwnListing, unknown>> {
  /** By `DeviceId`. */
  readonly devices: Readonly<Record<string, Readonly<Record<DeviceListing, unknown>>>>;
}

export class ListingRecord {
  readonly #answers = new Map<string, unknown>();
  readonly #written = new Map<string, string>();
  #version = 0;

  /** Changes when an answer does. */
  get version(): number {
    return this.#version;
  }

  set(name: string, deviceId: unknown, response: unknown): void {
    const key = keyOf(name, deviceId);
    const told = name === 'Info' ? withoutUptime(response) : response;
    const written = told === undefined ? '' : JSON.stringify(told);
    this.#answers.set(key, response);
    if (this.#written.get(key) === written) return;
    this.#written.set(key, written);
    this.#version += 1;
  }

  /** Of the devices that are there; those that are gone are forgotten. */
  catalogue(deviceIds: readonly number[]): Catalogue {
    const kept = new Set([
      ...OWN.map((name) => keyOf(name, undefined)),
      ...deviceIds.flatMap((id) => OF_DEVICES.map((name) => keyOf(name, id))),
    ]);
    for (const key of this.#answers.keys()) {
      if (kept.has(key)) continue;
      this.#answers.delete(key);
      this.#written.delete(key);
    }
    const answer = (name: string, id?: number): unknown => this.#answers.get(keyOf(name, id)) ?? null;
    return {
      Info: answer('Info'),
      ListCommands: answer('ListCommands'),
      ListPublishers: answer('ListPublishers'),
      ListErrorCodes: answer('ListErrorCodes'),
      ListDevices: answer('ListDevices'),
      devices: Object.fromEntries(
        deviceIds.map((id) => [
          String(id),
          {
            ListDeviceCommands: answer('ListDeviceCommands', id),
            ListPublishers: answer('ListPublishers', id),
          },
        ]),
      ),
    };
  }
}

function keyOf(name: string, deviceId: unknown): string {
  return typeof deviceId === 'number' ? `${name} ${deviceId}` : name;
}

/** It changes with every answer. */
function withoutUptime(response: unknown): unknown {
  return typeof response === 'object' && response !== null
    ? { ...response, UpTimeSecs: undefined }
    : response;
}
