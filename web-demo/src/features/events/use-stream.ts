import { useCallback, useEffect, useRef, useState } from 'react';
import type { ErrorEvent, Mode, StudioEvent } from '../../../../src/client/index.js';
import { useStudio } from '../../lib/studio.js';
import { isOneOf, reduced } from './channels.js';
import { EventLog } from './event-log.js';
import { Rates } from './rates.js';

export interface Stream {
  readonly log: EventLog;
  readonly rates: Rates;
  /** Channels that the gateway refused. */
  readonly refusals: readonly ErrorEvent[];
  readonly clearRefusals: () => void;
}

/** Subscribes to the patterns while the component is mounted. */
export function useStream(patterns: readonly string[], mode: Mode): Stream {
  const [log] = useState(() => new EventLog());
  const [rates] = useState(() => new Rates());
  const onEvent = useCallback(
    (message: StudioEvent): void => {
      log.addEvent(message);
      rates.count(message.channel);
    },
    [log, rates],
  );
  useEffect(() => () => log.stop(), [log]);
  useSubscriptions(patterns, mode, onEvent);
  useGaps(patterns, log);
  return { log, rates, ...useRefusals(patterns) };
}

/** Keeps the subscriptions of patterns that stay chosen, so that none of their events is missed. */
function useSubscriptions(
  patterns: readonly string[],
  mode: Mode,
  onEvent: (message: StudioEvent) => void,
): void {
  const { client } = useStudio();
  const running = useRef(new Map<string, () => void>());
  const wanted = reduced(patterns).join('\n');
  const modeKey = JSON.stringify(mode);
  useEffect(() => {
    const names = wanted === '' ? [] : wanted.split('\n');
    const isWanted = new Set(names.map((name) => `${modeKey} ${name}`));
    for (const [key, stop] of running.current) {
      if (isWanted.has(key)) continue;
      stop();
      running.current.delete(key);
    }
    for (const name of names) {
      const key = `${modeKey} ${name}`;
      if (!running.current.has(key)) running.current.set(key, client.subscribe(name, { mode }, onEvent));
    }
    // `modeKey` stands for `mode`.
  }, [client, wanted, modeKey, onEvent]);
  useEffect(() => {
    const stops = running.current;
    return () => {
      for (const stop of stops.values()) stop();
      stops.clear();
    };
  }, [client]);
}

/** The client reports the gaps of every subscription; only those of the chosen channels are shown. */
function useGaps(patterns: readonly string[], log: EventLog): void {
  const { client } = useStudio();
  const chosen = useLatest(patterns);
  useEffect(
    () =>
      client.on('gap', (gap) => {
        if (isOneOf(gap.channel, chosen.current)) log.addGap(gap);
      }),
    [client, log, chosen],
  );
}

function useRefusals(patterns: readonly string[]): Pick<Stream, 'refusals' | 'clearRefusals'> {
  const { client } = useStudio();
  const chosen = useLatest(patterns);
  const [refusals, setRefusals] = useState<readonly ErrorEvent[]>([]);
  useEffect(
    () =>
      client.on('error', (refusal) => {
        const { channel } = refusal;
        if (channel === undefined || !chosen.current.includes(channel)) return;
        setRefusals((before) => [...before.filter((each) => each.channel !== channel), refusal]);
      }),
    [client, chosen],
  );
  const clearRefusals = useCallback(() => setRefusals([]), []);
  return {
    refusals: refusals.filter(({ channel }) => channel !== undefined && patterns.includes(channel)),
    clearRefusals,
  };
}

function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  }, [value]);
  return latest;
}
