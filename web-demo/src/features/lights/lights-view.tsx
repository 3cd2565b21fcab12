import { Loader, Stack, Text } from '@mantine/core';
import type { JSX } from 'react';
import { ProblemAlert } from '../../components/problem-alert.js';
import { LightCard } from './light-card.js';
import { useLights } from './use-lights.js';

/** Light arrays: how they stand, and what they do. */
export function LightsView(): JSX.Element {
  const { data, error } = useLights();
  return (
    <Stack gap="lg">
      <h1 className="unseen">Lights</h1>
      {error !== null && <ProblemAlert error={error} />}
      {data === undefined && error === null && <Loader aria-label="Reading…" />}
      {data?.length === 0 && (
        <Text>
          No light array is configured. Start the gateway with <span className="mono">--lights</span> and the
          address of one.
        </Text>
      )}
      {data?.map((light) => (
        <LightCard key={light.node} light={light} />
      ))}
    </Stack>
  );
}
