import { splitStudio } from '../wire/channel-pattern.js';
import type { ChannelPattern } from '../wire/channel-pattern.js';
import { withoutStudio } from '../wire/gateway-channels.js';
import type { Subscription } from '../wire/messages.js';
import { suggestChannel } from '../wire/suggest-channel.js';

/** Patterns of one request that are looked up, and those of them that get a suggestion, at most. */
const MAX_PATTERNS = 50;
const MAX_SUGGESTIONS = 5;

interface FoundPattern {
  readonly pattern: ChannelPattern;
  /** What it stands for. */
  readonly names: readonly unknown[];
}

/**
 * What patterns that stand for nothing may have meant, by their text; `offersOf` lists what is offered, with the studio in
 * front or without. A channel that is named in full may exist all the same: not every studio lists what it publishes.
 */
export function suggestionsFor(
  found: readonly FoundPattern[],
  offersOf: (isOfStudio: boolean) => readonly string[],
): ReadonlyMap<string, string> {
  return new Map(
    [false, true].flatMap((isOfStudio) => {
      const own = found.filter(({ pattern: { text } }) => (splitStudio(text) !== undefined) === isOfStudio);
      return own.length === 0 ? [] : suggestionsAmong(own, offersOf(isOfStudio));
    }),
  );
}

function suggestionsAmong(found: readonly FoundPattern[], offers: readonly string[]): [string, string][] {
  const offered = new Set(offers);
  const unmatched = found
    .slice(0, MAX_PATTERNS)
    .filter(({ pattern, names }) => (pattern.isWildcard ? names.length === 0 : !offered.has(pattern.text)))
    .filter(({ pattern: { text } }) => !withoutStudio(text).startsWith('$'));
  return unmatched.slice(0, MAX_SUGGESTIONS).flatMap(({ pattern: { text } }): [string, string][] => {
    const suggestion = suggestChannel(text, offers);
    return suggestion === undefined ? [] : [[text, suggestion]];
  });
}

/** For people, a line for each pattern that stands for nothing now, or for what nobody offers. */
export function unmatchedLines(subscriptions: readonly Subscription[]): readonly string[] {
  return subscriptions.flatMap(({ channel, cursors, suggestion }) => {
    if (suggestion === undefined && Object.keys(cursors).length > 0) return [];
    const hint = suggestion === undefined ? '' : `; did you mean ${suggestion}`;
    return [`${channel}: no channel matches now${hint}`];
  });
}
