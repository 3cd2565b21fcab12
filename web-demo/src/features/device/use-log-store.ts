import { useEffect, useState } from 'react';
import { ask } from '../../lib/gateway.js';
import { useStudio } from '../../lib/studio.js';
import { useDeviceScope } from './device-scope.js';
import { lineGapText, LEVELS, LogStore, MAX_LINES } from './log-store.js';
import type { LogRow, Unkeyed } from './log-store.js';

interface PastLine {
  readonly channel: string;
  readonly cursor: string;
  readonly receivedAt: number;
  readonly event: { readonly Topic: string; readonly EventData: unknown };
}

/** The device's log: what the gateway remembers, then what comes. */
export function useLogStore(): LogStore {
  const { client } = useStudio();
  const { id } = useDeviceScope();
  const [store] = useState(() => new LogStore());
  useEffect(() => {
    const prefix = `devices/${id}/DeviceLogs/` as const;
    /** Lines that came before what is remembered was read, which holds them, too. */
    const early = new Set<string>();
    let isOver = false;
    let isRead = false;
    const stop = client.subscribe(`${prefix}*`, {}, ({ channel, cursor, event, receivedAt }) => {
      if (!isRead) early.add(`${channel} ${cursor}`);
      store.add(rowOf(event.Topic, event.EventData, receivedAt));
    });
    const stopGaps = client.on('gap', (gap) => {
      if (!gap.channel.startsWith(prefix)) return;
      store.add({ kind: 'gap', level: gap.channel.slice(prefix.length), text: lineGapText(gap) });
    });
    void readPast(prefix).then((lines) => {
      isRead = true;
      if (isOver) return;
      const past = lines.filter(({ channel, cursor }) => !early.has(`${channel} ${cursor}`));
      store.addPast(past.map(({ event, receivedAt }) => rowOf(event.Topic, event.EventData, receivedAt)));
    });
    return () => {
      isOver = true;
      stop();
      stopGaps();
      store.stop();
    };
  }, [client, id, store]);
  return store;
}

/** Empty when the gateway keeps no history or is unreachable. */
async function readPast(prefix: string): Promise<readonly PastLine[]> {
  const query = LEVELS.map((level) => `channel=${prefix}${level}`).join('&');
  try {
    return (await ask<{ events: PastLine[] }>('GET', `v1/history?${query}&limit=${MAX_LINES}`)).events;
  } catch {
    return [];
  }
}

/** Data that is not a log line is shown as JSON. */
function rowOf(level: string, data: unknown, at: number): Unkeyed<LogRow> {
  const { LogMsg, SrcLocation }: { LogMsg?: unknown; SrcLocation?: unknown } =
    typeof data === 'object' && data !== null ? data : {};
  const text = typeof LogMsg === 'string' ? LogMsg : JSON.stringify(data);
  return { kind: 'line', at, level, text, source: typeof SrcLocation === 'string' ? SrcLocation : '' };
}
