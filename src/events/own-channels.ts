import { splitStudio, studioPrefix } from '../wire/channel-pattern.js';
import { isStateChannel, JOINT_CHANNELS } from '../wire/gateway-channels.js';
import type { Channel } from './channel.js';
import type { ChannelEvent } from './channel-event.js';
import type { ChannelTable } from './channel-table.js';
import { audienceOf, jointChannel } from './namespace.js';

/** The gateway's own channels, whose names start with `$`: of a studio, of several, of none. */
export class OwnChannels {
  readonly #channels: ChannelTable;
  /** Those that tell of several studios, one for each audience, by their name without it. */
  readonly #joint = new Map<string, Set<Channel>>();

  constructor(channels: ChannelTable) {
    this.#channels = channels;
  }

  add(localName: string, studio: string | undefined): Channel {
    if (studio === undefined) return this.getOrCreate(localName, localName);
    // Whoever may hear every studio listens to one channel of all.
    if (JOINT_CHANNELS.includes(localName)) this.getOrCreate(localName, localName);
    return this.getOrCreate(`${studioPrefix(studio)}${localName}`, localName);
  }

  /** Appends an event to each channel that tells of it; `nextOrder` gives its place among all events. */
  append(localName: string, data: object, studio: string | undefined, nextOrder: () => number): Appended[] {
    const [Publisher, Topic] = localName.split('/');
    const event = Buffer.from(JSON.stringify({ Publisher, Topic, EventData: data }));
    const own = this.add(localName, studio);
    if (studio === undefined) return [[own, own.append(event, nextOrder())]];
    const joint = [...(this.#joint.get(localName) ?? [])].filter(
      ({ name }) => audienceOf(name)?.includes(studio) !== false,
    );
    return [own, ...joint].map((channel) => [
      channel,
      // A state channel keeps what each studio told last.
      isStateChannel(localName)
        ? channel.appendState(studio, event, nextOrder())
        : channel.append(event, nextOrder()),
    ]);
  }

  getOrCreate(fullName: string, localName: string): Channel {
    const channel = this.#channels.getOrCreate({ fullName, localName, source: undefined });
    if (!isJoint(fullName, localName)) return channel;
    const joint = this.#joint.get(localName) ?? new Set<Channel>();
    this.#joint.set(localName, joint.add(channel));
    return channel;
  }

  /** Of a joint channel, every audience is known once all are. */
  isKnown(fullName: string, localName: string): boolean {
    const known = isJoint(fullName, localName) ? jointChannel(localName, undefined) : fullName;
    return this.#channels.get(known) !== undefined;
  }
}

type Appended = readonly [channel: Channel, event: ChannelEvent];

function isJoint(fullName: string, localName: string): boolean {
  return splitStudio(fullName) === undefined && JOINT_CHANNELS.includes(localName);
}
