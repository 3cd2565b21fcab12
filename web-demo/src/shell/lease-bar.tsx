import { Button, Group, Modal, Paper, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { ProblemError } from '../lib/gateway.js';
import { ProblemAlert } from '../lib/problem-alert.js';
import { useLease } from './use-lease.js';

/** Who may change things, where only one client at a time may. Nothing where everybody may. */
export function LeaseBar(): JSX.Element | null {
  const { state, isOurs, takenBy, take, release } = useLease();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  /** Whom the user is asked to take it from. */
  const [rival, setRival] = useState<string>();

  const attempt = async (step: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await step();
    } catch (problem) {
      const holder = problem instanceof ProblemError ? problem.problem.holder : undefined;
      if (holder === undefined) setError(problem);
      else setRival(holder);
    } finally {
      setBusy(false);
    }
  };

  if (state === undefined) return null;
  return (
    <Paper withBorder px="md" py="xs" mb="md" component="section" aria-label="Control">
      <Stack gap="xs">
        <Group justify="space-between">
          <div role="status" className="wrap-anywhere">
            <Text fw={600}>{holderText(state.holder, isOurs)}</Text>
            {takenBy !== undefined && !isOurs && (
              <Text size="sm">
                {takenBy === 'nobody' ? 'Your control has ended.' : `${takenBy} took control from you.`}
              </Text>
            )}
          </div>
          {isOurs ? (
            <Button variant="default" loading={isBusy} onClick={() => void attempt(release)}>
              Release control
            </Button>
          ) : (
            <Button loading={isBusy} onClick={() => void attempt(() => take(false))}>
              {state.holder === null ? 'Take control' : 'Take over'}
            </Button>
          )}
        </Group>
        {error !== undefined && <ProblemAlert error={error} onClose={() => setError(undefined)} />}
      </Stack>
      <TakeOver
        rival={rival}
        onClose={() => setRival(undefined)}
        onConfirm={() => {
          setRival(undefined);
          void attempt(() => take(true));
        }}
      />
    </Paper>
  );
}

function holderText(holder: string | null, isOurs: boolean): string {
  if (isOurs) return 'You have control.';
  if (holder === null) return 'Nobody has control: take it before you change anything.';
  return `${holder} has control: only they can change anything.`;
}

interface TakeOverProps {
  readonly rival: string | undefined;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
}

function TakeOver({ rival, onClose, onConfirm }: TakeOverProps): JSX.Element {
  return (
    <Modal
      opened={rival !== undefined}
      onClose={onClose}
      title="Take control over?"
      closeButtonProps={{ 'aria-label': 'Close' }}
      centered
    >
      <Stack>
        <Text className="wrap-anywhere">
          {rival} has control. If you take it over, what they are doing may be cut short, and only you can
          change anything.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Leave it
          </Button>
          <Button color="red.9" onClick={onConfirm}>
            Take over
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
