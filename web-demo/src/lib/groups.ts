/** Devices by who wears them. Pure. */
import type { DeviceCard } from './device-store.js';
import { byTrouble, statusOf } from './device-status.js';
import type { DeviceFacts } from './device-status.js';
import type { Layout, Performer } from './layout.js';

export interface Group {
  readonly key: string;
  readonly name: string;
  /** `rest`: nobody wears them. */
  readonly kind: 'performer' | 'rest';
  readonly devices: readonly DeviceFacts[];
}

type Worn = Pick<DeviceCard, 'id' | 'type' | 'side' | 'gloves' | 'goneSince'>;

/** Performers, then what nobody wears. A performer without a device is left out. */
export function groupsOf(devices: readonly DeviceFacts[], { performers }: Layout): readonly Group[] {
  const byId = new Map(devices.map((device) => [device.id, device]));
  const named = performersOf(devices, { performers }).map((each) => ({
    key: `performer ${each.name}`,
    name: each.name,
    kind: 'performer' as const,
    devices: each.devices.flatMap((id) => byId.get(id) ?? []),
  }));
  const worn = new Set(named.flatMap((each) => each.devices.map(({ id }) => id)));
  const rest = {
    key: 'rest',
    name: 'Studio-wide',
    kind: 'rest' as const,
    devices: devices.filter(({ id }) => !worn.has(id)),
  };
  return [...named, rest].filter((each) => each.devices.length > 0);
}

/** As the layout names them, or else as the devices suggest them. */
export function performersOf(devices: readonly Worn[], { performers }: Layout): readonly Performer[] {
  return performers.length > 0 ? performers : suggestedPerformers(devices);
}

/**
 * A performer for each suit with a glove for each hand: of those that were connected after it and before the next suit,
 * else of those that are left, unless the suit says that it has none for that hand. RCSP does not tell which glove is
 * whose, and a suit misses a glove that restarts: what stood together stays so.
 */
export function suggestedPerformers(devices: readonly Worn[]): readonly Performer[] {
  const suits = devices.filter(({ type }) => /suit/i.test(type)).sort((a, b) => a.id - b.id);
  const gloves = devices.filter(({ type }) => /glove/i.test(type)).sort((a, b) => a.id - b.id);
  const taken = new Set<Worn>();
  const pairs = suits.map((suit, index) => {
    const next = suits[index + 1]?.id ?? Infinity;
    const near = gloves.filter(({ id }) => id > suit.id && id < next);
    return { suit, own: withGloves([], near, taken) };
  });
  return pairs.map(({ suit, own }, index) => ({
    name: `Performer ${index + 1}`,
    devices: [suit, ...withGloves(own, gloves.filter(mayBelongTo(suit)), taken)].map(({ id }) => id),
  }));
}

/** At most one glove for each hand; one of which the hand is not known yet may be either. */
function withGloves(own: readonly Worn[], offered: readonly Worn[], taken: Set<Worn>): readonly Worn[] {
  const found = [...own];
  for (const glove of offered) {
    if (found.length >= 2 || taken.has(glove)) continue;
    if (found.some(({ side }) => side !== undefined && side === glove.side)) continue;
    found.push(glove);
    taken.add(glove);
  }
  return found;
}

/** A suit says which gloves are there now: that says nothing about one that is gone. */
function mayBelongTo({ gloves }: Worn): (glove: Worn) => boolean {
  return ({ side, goneSince }) => side === undefined || goneSince !== undefined || gloves?.[side] !== false;
}

/** Groups with trouble first, and in each the devices with trouble. */
export function groupsByTrouble(groups: readonly Group[], now: number): readonly Group[] {
  const isBad = ({ devices }: Group): boolean => devices.some((each) => statusOf(each, now).level === 'bad');
  const sorted = groups.map((each) => ({ ...each, devices: byTrouble(each.devices, now, true) }));
  return [...sorted.filter(isBad), ...sorted.filter((each) => !isBad(each))];
}
