import { lazy, Suspense, useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import type { JSX } from 'react';
import { useCopier } from '../../components/clipboard.js';
import { ProblemAlert } from '../../components/problem-alert.js';
import { TimelineView } from '../../components/timeline-view.js';
import type { DeviceNames } from '../../lib/device-title.js';
import { marks } from '../../lib/mark-store.js';
import { saveFile } from '../../lib/save-file.js';
import { useIsAway } from '../../lib/studio.js';
import { useAllLanes } from '../../lib/use-all-lanes.js';
import { useDeviceNames } from '../../lib/use-device-names.js';
import { storedSelection, storeSelection } from './channels.js';
import { NO_FILTER } from './event-filter.js';
import type { LogFilter } from './event-filter.js';
import { EmptyList, EventList } from './event-list.js';
import type { EventSession } from './event-session.js';
import { FacetBar } from './facet-bar.js';
import { RatePlot } from './rate-plot.js';
import { exported } from './row.js';
import type { Row } from './row.js';
import { ActionBar, StreamSettingsBar } from './toolbar.js';
import type { StreamSettings } from './toolbar.js';
import { useEventKeys } from './use-event-keys.js';
import { useSession, useSessionState } from './use-session.js';
import { useSuggestions } from './use-suggestions.js';
import styles from './events.module.css';

const ChannelPicker = lazy(() => import('./channel-picker.js').then((m) => ({ default: m.ChannelPicker })));

export function EventsView(): JSX.Element {
  const [settings, setSettings] = useState<StreamSettings>(() => ({
    chosen: storedSelection(),
    mode: 'all',
  }));
  const [filter, setFilter] = useState<LogFilter>(NO_FILTER);
  const [isPicking, setPicking] = useState(false);
  const [wasPicked, setPicked] = useState(false);
  const session = useSession(settings.chosen, settings.mode);
  const told = useSessionState(session);
  const { refusals } = told;
  const suggestions = useSuggestions(told);
  const nameOf = useDeviceNames();
  const least = useAllLanes();
  useEffect(() => storeSelection(settings.chosen), [settings.chosen]);
  useEffect(() => session.log.filter(filter, nameOf), [session, filter, nameOf]);
  const change = (changes: Partial<StreamSettings>): void =>
    setSettings((before) => ({ ...before, ...changes }));
  const narrow = (changes: Partial<LogFilter>): void => setFilter((before) => ({ ...before, ...changes }));
  return (
    <div className={styles.view}>
      <h1 className={styles.title}>Events</h1>
      <StreamSettingsBar
        settings={settings}
        text={filter.text}
        suggestions={suggestions}
        onText={(text) => narrow({ text })}
        onChange={change}
        onPick={() => {
          setPicked(true);
          setPicking(true);
        }}
      />
      {refusals.map(({ channel, error }) => (
        <div key={channel}>
          <p className={`${styles.strong} wrap-anywhere`}>{channel} was refused.</p>
          <ProblemAlert error={error} onClose={session.clearRefusals} />
        </div>
      ))}
      <TimelineView
        source={session}
        nameOf={nameOf}
        least={least}
        range={filter.range}
        onRange={(range) => narrow({ range })}
      />
      <div className={styles.columns}>
        <LogPanel
          session={session}
          filter={filter}
          isChosen={settings.chosen.length > 0}
          nameOf={nameOf}
          onFilter={narrow}
        />
        <RatePlot session={session} />
      </div>
      {wasPicked && (
        <Suspense fallback={null}>
          <ChannelPicker
            isOpen={isPicking}
            onClose={() => setPicking(false)}
            chosen={settings.chosen}
            onChoose={(chosen) => change({ chosen })}
          />
        </Suspense>
      )}
    </div>
  );
}

interface LogPanelProps {
  readonly session: EventSession;
  readonly filter: LogFilter;
  readonly isChosen: boolean;
  readonly nameOf: DeviceNames;
  readonly onFilter: (changes: Partial<LogFilter>) => void;
}

/** The part that is rendered again with every batch of events. */
function LogPanel({ session, filter, isChosen, nameOf, onFilter }: LogPanelProps): JSX.Element {
  const { log } = session;
  const state = useSyncExternalStore(log.subscribe, log.snapshot);
  const told = useSessionState(session);
  const isAway = useIsAway();
  const { copy, message, dialog } = useCopier('JSON', 'events.json');
  const copyRow = useCallback((row: Row) => copy(asJson(exported(row)), 'one row'), [copy]);
  const copyShown = (): void => {
    const rows = log.matching();
    copy(asJson(rows.map(exported)), rows.length === 1 ? 'one row' : `${rows.length} rows`);
  };
  const pause = useCallback(() => (log.snapshot().isPaused ? log.resume() : log.pause()), [log]);
  useEventKeys(pause);
  return (
    <div className={styles.panel}>
      <FacetBar
        counts={told.facets}
        chosen={filter.facets}
        nameOf={nameOf}
        onChoose={(facets) => onFilter({ facets })}
      />
      <ActionBar
        state={state}
        session={told}
        message={message}
        onPause={pause}
        onClear={() => session.clear()}
        onCopy={copyShown}
        onSave={() => saveRows(log.matching())}
        onMark={() => marks.add()}
      />
      <div className={isAway ? 'stale' : undefined}>
        {state.shown.length === 0 ? (
          <EmptyList
            isChosen={isChosen}
            isLoading={told.isLoadingHistory}
            kept={state.kept}
            filter={filter}
          />
        ) : (
          <EventList lines={state.shown} nameOf={nameOf} onCopy={copyRow} />
        )}
      </div>
      {dialog}
    </div>
  );
}

function asJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** One JSON object a line. */
function saveRows(rows: readonly Row[]): void {
  const text = rows.map((row) => `${JSON.stringify(exported(row))}\n`).join('');
  const time = new Date().toISOString().replace(/[:.]/g, '-').slice(0, 19);
  saveFile(text, `events-${time}.ndjson`, 'application/x-ndjson');
}
