import { useMemo } from 'react';
import type { ErrorEvent } from '../../../../src/client/index.js';
import { suggestChannel } from '../../../../src/wire/suggest-channel.js';
import { patternOf } from './channels.js';
import type { SessionState } from './event-session.js';
import { usePublishers } from './use-publishers.js';
import type { Publishers } from './use-publishers.js';

/** What patterns may have meant: from the gateway, and for channels that the studio refused, from what it publishes. */
export function useSuggestions({
  suggestions,
  refusals,
}: Pick<SessionState, 'suggestions' | 'refusals'>): ReadonlyMap<string, string> {
  const { publishers } = usePublishers(refusals.length > 0);
  return useMemo(
    () => new Map([...suggestions, ...refusals.flatMap((refusal) => suggestedFor(refusal, publishers))]),
    [suggestions, refusals, publishers],
  );
}

function suggestedFor({ channel }: ErrorEvent, publishers: Publishers | undefined): [string, string][] {
  if (channel === undefined || publishers === undefined) return [];
  const suggestion = suggestChannel(channel, offersOf(publishers));
  return suggestion === undefined ? [] : [[channel, suggestion]];
}

function offersOf({ studio, devices }: Publishers): readonly string[] {
  const of = (prefix: string, list: Publishers['studio']): readonly string[] =>
    list.flatMap(({ Publisher, Topics }) => Topics.map((topic) => patternOf(prefix, Publisher, topic)));
  return [...of('', studio), ...devices.flatMap(({ id, publishers }) => of(`devices/${id}/`, publishers))];
}
