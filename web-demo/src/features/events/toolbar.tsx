import { Button, Group, NativeSelect, Pill, Stack, Text, TextInput } from '@mantine/core';
import type { JSX } from 'react';
import type { Mode } from '../../../../src/client/index.js';
import { useIsLive } from '../../lib/studio.js';
import { MAX_ROWS } from './event-log.js';
import type { LogState } from './event-log.js';

const MODES: readonly { readonly value: string; readonly label: string; readonly mode: Mode }[] = [
  { value: 'all', label: 'Every event', mode: 'all' },
  { value: 'latest', label: 'Newest of each channel when behind', mode: 'latest' },
  ...[1, 5, 20].map((maxRateHz) => ({
    value: String(maxRateHz),
    label: `At most ${maxRateHz} a second of each channel`,
    mode: { maxRateHz },
  })),
];

export interface StreamSettings {
  readonly chosen: readonly string[];
  readonly mode: Mode;
  readonly filter: string;
}

interface StreamSettingsBarProps {
  readonly settings: StreamSettings;
  readonly onChange: (changes: Partial<StreamSettings>) => void;
  readonly onPick: () => void;
}

/** Channels, delivery mode and filter. */
export function StreamSettingsBar({
  settings: { chosen, mode, filter },
  onChange,
  onPick,
}: StreamSettingsBarProps): JSX.Element {
  const value = typeof mode === 'string' ? mode : String(mode.maxRateHz);
  return (
    <Stack gap="xs">
      <Group align="end">
        <Button onClick={onPick}>Choose channels…</Button>
        <NativeSelect
          label="Delivery"
          data={MODES.map((each) => ({ value: each.value, label: each.label }))}
          value={value}
          onChange={({ currentTarget }) =>
            onChange({ mode: MODES.find((each) => each.value === currentTarget.value)?.mode ?? 'all' })
          }
        />
        <TextInput
          type="search"
          label="Filter"
          placeholder="In channel or JSON"
          value={filter}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          style={{ flexGrow: 1, flexBasis: '14rem' }}
          onChange={({ currentTarget }) => onChange({ filter: currentTarget.value })}
        />
      </Group>
      <ChosenChannels chosen={chosen} onChange={(next) => onChange({ chosen: next })} />
    </Stack>
  );
}

interface ChosenChannelsProps {
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

function ChosenChannels({ chosen, onChange }: ChosenChannelsProps): JSX.Element {
  return (
    <Group component="ul" gap="xs" p={0} m={0} style={{ listStyle: 'none' }} aria-label="Chosen channels">
      {chosen.map((pattern) => (
        <li key={pattern} style={{ maxWidth: '100%' }}>
          <Pill
            size="lg"
            withRemoveButton
            onRemove={() => onChange(chosen.filter((each) => each !== pattern))}
            removeButtonProps={{ 'aria-label': `Remove ${pattern}`, 'aria-hidden': false, tabIndex: 0 }}
          >
            {pattern}
          </Pill>
        </li>
      ))}
    </Group>
  );
}

interface ActionBarProps {
  readonly state: LogState;
  readonly copyMessage: string;
  readonly onPause: () => void;
  readonly onClear: () => void;
  readonly onCopy: () => void;
}

/** Pause, clear and copy, and the number of rows. */
export function ActionBar({ state, copyMessage, onPause, onClear, onCopy }: ActionBarProps): JSX.Element {
  const { shown, isPaused, held } = state;
  return (
    <Group gap="sm">
      <Button variant={isPaused ? 'filled' : 'outline'} onClick={onPause}>
        {isPaused ? `Resume (${held.toLocaleString('en-GB')} new)` : 'Pause'}
      </Button>
      <Button variant="outline" onClick={onClear}>
        Clear
      </Button>
      <Button variant="outline" onClick={onCopy} disabled={shown.length === 0}>
        Copy shown as JSON
      </Button>
      <Status state={state} />
      <Text size="sm" role="status">
        {copyMessage}
      </Text>
    </Group>
  );
}

function Status({ state: { shown, kept, dropped, isPaused } }: Pick<ActionBarProps, 'state'>): JSX.Element {
  const isLive = useIsLive();
  const word = isPaused ? 'Paused. ' : isLive ? '' : 'Not live: no events arrive. ';
  const rows = shown.length === kept ? count(kept) : `${count(shown.length)} of ${count(kept)}`;
  const older = dropped === 0 ? '' : `; ${count(dropped)} older dropped, ${count(MAX_ROWS)} are kept`;
  return (
    <Text size="sm" fw={word === '' ? undefined : 600}>
      {`${word}${rows} ${kept === 1 ? 'row' : 'rows'}${older}`}
    </Text>
  );
}

function count(value: number): string {
  return value.toLocaleString('en-GB');
}
