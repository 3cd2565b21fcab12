import type { ChannelPattern } from '../wire/channel-pattern.js';
import { withoutStudio } from '../wire/gateway-channels.js';
import type { Subscription } from '../wire/messages.js';
import { suggestChannel } from '../wire/suggest-channel.js';

/** Patterns of one request that are looked up, and those of them that get a suggestion, at most. */
const MAX_PATTERNS = 50;
const MAX_SUGGESTIONS = 5;

/**
 * What patterns that stand for nothing may have meant, by their text; `names` is what they stand for. A channel that is named in full may exist all the same:
 * not every studio lists what it publishes.
 */
export function suggestionsFor(
  found: readonly { readonly pattern: ChannelPattern; readonly names: readonly unknown[] }[],
  offers: readonly string[],
): ReadonlyMap<string, string> {
  const unmatched = found
    .slice(0, MAX_PATTERNS)
    .filter(({ pattern, names }) =>
      pattern.isWildcard ? names.length === 0 : !offers.includes(pattern.text),
    )
    .filter(({ pattern: { text } }) => !withoutStudio(text).startsWith('$'));
  return new Map(
    unmatched.slice(0, MAX_SUGGESTIONS).flatMap(({ pattern: { text } }) => {
      const suggestion = suggestChannel(text, offers);
      return suggestion === undefined ? [] : [[text, suggestion] as const];
    }),
  );
}

/** For people, a line for each pattern that stands for nothing now, or for what nobody offers. */
export function unmatchedLines(subscriptions: readonly Subscription[]): readonly string[] {
  return subscriptions.flatMap(({ channel, cursors, suggestion }) => {
    if (suggestion === undefined && Object.keys(cursors).length > 0) return [];
    const hint = suggestion === undefined ? '' : `; did you mean ${suggestion}`;
    return [`${channel}: no channel matches now${hint}`];
  });
}
