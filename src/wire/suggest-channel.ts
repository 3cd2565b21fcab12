import { devicePrefix, matches } from './channel-pattern.js';

/** Characters of a level that are compared. */
const COMPARED = 32;
/** Offered channels that are compared. */
const MAX_OFFERS = 500;

/**
 * What a pattern that matches none of the offered channels may have meant: the nearest offered publisher and topic,
 * wildcards where the pattern has them. Undefined when it matches, or when nothing is near.
 */
export function suggestChannel(pattern: string, offers: readonly string[]): string | undefined {
  if (offers.some((offer) => matches(pattern, offer))) return undefined;
  const wanted = partsOf(pattern);
  const limit = Math.max(2, Math.floor((wanted.publisher.length + wanted.topic.length) / 4));
  let best: { readonly text: string; readonly distance: number } | undefined;
  for (const text of candidates(wanted, offers)) {
    const found = partsOf(text);
    const distance =
      levelDistance(wanted.publisher, found.publisher) + levelDistance(wanted.topic, found.topic);
    if (distance <= limit && distance < (best?.distance ?? Infinity)) best = { text, distance };
  }
  return best?.text;
}

interface Parts {
  readonly deviceId: string | undefined;
  readonly publisher: string;
  readonly topic: string;
}

function partsOf(channel: string): Parts {
  const [topic = '', publisher = '', deviceId] = channel.split('/').toReversed();
  return { deviceId, publisher, topic };
}

/** The offered channels with the wildcards, and the device, of what was wanted; each matches an offered one. */
function candidates(wanted: Parts, offers: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const offer of offers.slice(0, MAX_OFFERS)) {
    const { deviceId, publisher, topic } = partsOf(offer);
    const prefix = deviceId === undefined ? '' : devicePrefix(wanted.deviceId ?? '*');
    const first = wanted.publisher === '*' ? '*' : publisher;
    const text = `${prefix}${first}/${wanted.topic === '*' ? '*' : topic}`;
    if (matches(text, offer)) found.add(text);
  }
  return found;
}

/** Upper and lower case are the same; otherwise how many characters differ (Levenshtein). */
function levelDistance(a: string, b: string): number {
  const [from, to] = [a.slice(0, COMPARED).toLowerCase(), b.slice(0, COMPARED).toLowerCase()];
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 0; i < from.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j += 1) {
      const replaced = (row[j] ?? 0) + (from[i] === to[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
