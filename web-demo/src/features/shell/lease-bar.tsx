import { Button, Group, Paper, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { RcspError } from '../../../../src/client/index.js';
import { ConfirmDialog } from '../../components/confirm-dialog.js';
import { ProblemAlert } from '../../components/problem-alert.js';
import { useLease } from './use-lease.js';

/** Shows the holder of the control lease. Nothing when the gateway requires no lease. */
export function LeaseBar(): JSX.Element | null {
  const { holder, isOurs, takenBy, take, release } = useLease();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  /** The holder from whom the user is asked to take control. */
  const [currentHolder, setCurrentHolder] = useState<string>();

  const attempt = async (step: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await step();
    } catch (problem) {
      const found = problem instanceof RcspError ? problem.holder : undefined;
      if (found === undefined) setError(problem);
      else setCurrentHolder(found);
    } finally {
      setBusy(false);
    }
  };

  if (holder === undefined) return null;
  return (
    <Paper withBorder px="md" py="xs" mb="md" component="section" aria-label="Control">
      <Stack gap="xs">
        <Group justify="space-between">
          <div role="status" className="wrap-anywhere">
            <Text fw={600}>{holderText(holder, isOurs)}</Text>
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
              {holder === null ? 'Take control' : 'Take over'}
            </Button>
          )}
        </Group>
        {error !== undefined && <ProblemAlert error={error} onClose={() => setError(undefined)} />}
      </Stack>
      <ConfirmDialog
        isOpen={currentHolder !== undefined}
        question="Take control over?"
        yes="Take over"
        no="Leave it"
        onYes={() => void attempt(() => take(true))}
        onNo={() => setCurrentHolder(undefined)}
      >
        <Text className="wrap-anywhere">
          {currentHolder} has control. If you take it over, what they are doing may be cut short, and only you
          can change anything.
        </Text>
      </ConfirmDialog>
    </Paper>
  );
}

function holderText(holder: string | null, isOurs: boolean): string {
  if (isOurs) return 'You have control.';
  if (holder === null) return 'Nobody has control: take it before you change anything.';
  return `${holder} has control: only they can change anything.`;
}
