import { Badge, Group, Paper, Stack, Title } from '@mantine/core';
import { useId } from 'react';
import type { JSX } from 'react';
import { Clock } from '../../components/clock.js';
import { Fact, FactList } from '../../components/fact.js';
import { Locked } from '../../components/locked.js';
import { useMay } from '../../lib/access.js';
import { useIsOpen } from '../../lib/studio.js';
import type { Light } from './light.js';
import { LightControls } from './light-controls.js';
import { LightOutput } from './light-output.js';
import { SequenceEditor } from './sequence-editor.js';

export function LightCard({ light }: { readonly light: Light }): JSX.Element {
  const id = useId();
  const isOpen = useIsOpen();
  const may = useMay('control');
  const { node, name, state, since } = light;
  const isOff = state !== 'connected' || !isOpen;
  return (
    <Paper withBorder p="md" component="article" aria-labelledby={id} className={isOff ? 'stale' : undefined}>
      <Stack gap="md">
        <Group justify="space-between" gap="xs">
          <Title order={2} size="h4" id={id} className="wrap-anywhere">
            {name ?? node}
          </Title>
          <Badge variant="outline" color="gray">
            {state === 'connected' ? 'Connected' : 'Unreachable'} since <Clock at={since} />
          </Badge>
        </Group>
        <LightFacts light={light} />
        <Locked scope="control">
          <LightControls node={node} isOff={isOff || !may.isAllowed} />
          <SequenceEditor node={node} isOff={isOff || !may.isAllowed} />
        </Locked>
        <LightOutput node={node} />
      </Stack>
    </Paper>
  );
}

function LightFacts({ light }: { readonly light: Light }): JSX.Element {
  const { node, id, version, lastHeardAt, unit } = light;
  return (
    <FactList isWide>
      <Fact term="Node">{node}</Fact>
      <Fact term="Id">{id ?? '–'}</Fact>
      <Fact term="pycom">{version ?? '–'}</Fact>
      <Fact term="Firmware">{unit?.firmwareVersion ?? '–'}</Fact>
      <Fact term="boardio">{unit?.boardioVersion ?? '–'}</Fact>
      <Fact term="Unit">{unit?.unitType ?? '–'}</Fact>
      <Fact term="MAC address">{unit?.macAddress ?? '–'}</Fact>
      <Fact term="Last heard">{lastHeardAt === null ? 'Never' : <Clock at={lastHeardAt} />}</Fact>
    </FactList>
  );
}
