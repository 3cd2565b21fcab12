import { Box, Grid, Stack, Text, Title } from '@mantine/core';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import type { JSX } from 'react';
import { useCopier } from '../../components/clipboard.js';
import { ProblemAlert } from '../../components/problem-alert.js';
import { useIsLive } from '../../lib/studio.js';
import { ChannelPicker } from './channel-picker.js';
import { storedSelection, storeSelection } from './channels.js';
import { EmptyList, EventList } from './event-list.js';
import { RatePlot } from './rate-plot.js';
import { exported } from './row.js';
import type { Row } from './row.js';
import { ActionBar, StreamSettingsBar } from './toolbar.js';
import type { StreamSettings } from './toolbar.js';
import { useStream } from './use-stream.js';
import type { Stream } from './use-stream.js';

export function EventsView(): JSX.Element {
  const [settings, setSettings] = useState<StreamSettings>(() => ({
    chosen: storedSelection(),
    mode: 'all',
    filter: '',
  }));
  const [isPicking, setPicking] = useState(false);
  const stream = useStream(settings.chosen, settings.mode);
  const { log, rates, refusals, clearRefusals } = stream;
  useEffect(() => storeSelection(settings.chosen), [settings.chosen]);
  useEffect(() => log.filter(settings.filter), [log, settings.filter]);
  const change = (changes: Partial<StreamSettings>): void =>
    setSettings((before) => ({ ...before, ...changes }));
  return (
    <Stack gap="sm">
      <Title order={1}>Events</Title>
      <StreamSettingsBar settings={settings} onChange={change} onPick={() => setPicking(true)} />
      {refusals.map(({ channel, error }) => (
        <Box key={channel}>
          <Text fw={600} className="wrap-anywhere">
            {channel} was refused.
          </Text>
          <ProblemAlert error={error} onClose={clearRefusals} />
        </Box>
      ))}
      <Grid>
        <Grid.Col span={{ base: 12, lg: 8, xl: 9 }}>
          <LogPanel stream={stream} settings={settings} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4, xl: 3 }}>
          <RatePlot rates={rates} />
        </Grid.Col>
      </Grid>
      <ChannelPicker
        isOpen={isPicking}
        onClose={() => setPicking(false)}
        chosen={settings.chosen}
        onChoose={(chosen) => change({ chosen })}
      />
    </Stack>
  );
}

interface LogPanelProps {
  readonly stream: Stream;
  readonly settings: StreamSettings;
}

/** The part that is rendered again with every batch of events. */
function LogPanel({ stream: { log, rates }, settings: { chosen, filter } }: LogPanelProps): JSX.Element {
  const state = useSyncExternalStore(log.subscribe, log.snapshot);
  const isLive = useIsLive();
  const { copy, message, dialog } = useCopier('JSON', 'events.json');
  const copyRow = useCallback((row: Row) => copy(asJson(exported(row)), 'one row'), [copy]);
  const copyShown = (): void => {
    const { length } = state.shown;
    copy(asJson(state.shown.map(exported)), length === 1 ? 'one row' : `${length} rows`);
  };
  const clear = (): void => {
    log.clear();
    rates.clear();
  };
  return (
    <Stack gap="sm">
      <ActionBar
        state={state}
        copyMessage={message}
        onPause={() => (state.isPaused ? log.resume() : log.pause())}
        onClear={clear}
        onCopy={copyShown}
      />
      <div className={isLive ? undefined : 'stale'}>
        {state.shown.length === 0 ? (
          <EmptyList isChosen={chosen.length > 0} kept={state.kept} filter={filter} />
        ) : (
          <EventList rows={state.shown} onCopy={copyRow} />
        )}
      </div>
      {dialog}
    </Stack>
  );
}

function asJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
