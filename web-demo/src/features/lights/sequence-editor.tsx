import { Button, Checkbox, Group, Progress, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { ProblemAlert } from '../../components/problem-alert.js';
import { clockText } from '../../lib/times.js';
import { withRegister } from './light.js';
import type { Run, Sequence, Step } from './light.js';
import { StepRow } from './step-row.js';
import { useChange, useRuns, useSequence } from './use-lights.js';

interface SequenceEditorProps {
  readonly node: string;
  readonly isOff: boolean;
}

const EMPTY: Sequence = { steps: [], standalone: false };

/** The sequence of a light array, a row a step; it is sent as a whole. */
export function SequenceEditor({ node, isOff }: SequenceEditorProps): JSX.Element {
  const { data: uploaded = EMPTY, error } = useSequence(node);
  const [draft, setDraft] = useState<Sequence>();
  const upload = useChange<Sequence>(node, 'sequence');
  const { run, starting } = useRuns(node);
  const shown = draft ?? uploaded;
  const isRunning = run?.state === 'running';
  const save = (): void => upload.mutate(shown, { onSuccess: () => setDraft(undefined) });
  return (
    <Stack gap="xs" component="section" aria-label="Sequence">
      <Title order={3} size="h5">
        Sequence
      </Title>
      <Steps sequence={shown} onChange={setDraft} />
      <Group gap="sm">
        <Button
          size="xs"
          onClick={save}
          loading={upload.isPending}
          disabled={isOff || draft === undefined || shown.steps.length === 0}
        >
          Upload
        </Button>
        <Button
          size="xs"
          variant="default"
          onClick={() => starting.mutate(undefined)}
          disabled={isOff || isRunning || draft !== undefined || uploaded.steps.length === 0}
        >
          Run
        </Button>
        {draft !== undefined && (
          <Button size="xs" variant="default" onClick={() => setDraft(undefined)}>
            Undo
          </Button>
        )}
        <Text size="sm" role="status">
          {runText(run)}
        </Text>
      </Group>
      {isRunning && <Progress value={100} animated aria-label="The sequence runs" />}
      {[error, upload.error, starting.error].map(
        (each, i) => each !== null && <ProblemAlert key={String(i)} error={each} />,
      )}
    </Stack>
  );
}

function runText(run: Run | undefined): string {
  if (run === undefined) return '';
  const at = clockText(run.startedAt);
  if (run.state === 'running') return `Running since ${at}`;
  return run.state === 'done'
    ? `The run of ${at} is complete.`
    : `The run of ${at} failed: ${run.error ?? ''}`;
}

interface StepsProps {
  readonly sequence: Sequence;
  readonly onChange: (sequence: Sequence) => void;
}

function Steps({ sequence, onChange }: StepsProps): JSX.Element {
  const { steps, standalone } = sequence;
  const set = (changed: readonly Step[]): void => onChange({ steps: changed, standalone });
  const fresh = withRegister({ register: '' }, steps.length === 0 ? 'LED_FAN' : 'ALL_4_NIKON');
  return (
    <>
      <Stack component="ol" gap="xs" m={0} p={0} style={{ listStyle: 'none' }}>
        {steps.map((step, at) => (
          <li key={at}>
            <StepRow
              step={step}
              number={at + 1}
              onChange={(changed) => set(steps.with(at, changed))}
              onRemove={() => set(steps.toSpliced(at, 1))}
              onUp={at === 0 ? undefined : () => set(steps.toSpliced(at, 1).toSpliced(at - 1, 0, step))}
            />
          </li>
        ))}
      </Stack>
      <Group gap="sm">
        <Button size="xs" variant="default" onClick={() => set([...steps, fresh])}>
          Add a step
        </Button>
        <Checkbox
          label="Also whenever the node starts"
          checked={standalone}
          onChange={({ currentTarget }) => onChange({ steps, standalone: currentTarget.checked })}
        />
      </Group>
    </>
  );
}
