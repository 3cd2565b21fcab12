import { Badge, Group } from '@mantine/core';
import type { JSX } from 'react';
import { useLink, useUpstream } from '../../lib/studio.js';
import { useIsSimulated } from '../../lib/use-info.js';

/** State and kind of the studio, visible in every view. */
export function StudioBadge(): JSX.Element {
  const { client, outage } = useLink();
  const upstream = useUpstream();
  const isSimulated = useIsSimulated();
  const [color, text] =
    client !== 'open'
      ? ['gray', outage?.where === 'gateway' ? 'Gateway unreachable' : 'Connecting…']
      : upstream === undefined
        ? ['gray', 'Asking…']
        : upstream.state === 'connected'
          ? ['teal', 'Studio connected']
          : ['red', 'Studio away'];
  return (
    <Group gap="xs" wrap="nowrap" role="status" aria-live="polite">
      {isSimulated === true && (
        <Badge color="grape.9" variant="filled">
          Simulated
        </Badge>
      )}
      <Badge color={`${color}.9`} variant="filled">
        {text}
      </Badge>
    </Group>
  );
}
