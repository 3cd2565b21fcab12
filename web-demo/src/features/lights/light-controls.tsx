import { Button, Group, Slider, Stack, Text } from '@mantine/core';
import { useId, useState } from 'react';
import type { JSX } from 'react';
import { ProblemAlert } from '../../components/problem-alert.js';
import { useChange } from './use-lights.js';

interface ControlProps {
  readonly node: string;
  /** Nothing can be sent. */
  readonly isOff: boolean;
}

/** A node does not tell how its lights stand: what is shown is what was last asked for here. */
export function LightControls({ node, isOff }: ControlProps): JSX.Element {
  return (
    <Stack gap="sm">
      <ModelLight node={node} isOff={isOff} />
      <OnOff node={node} isOff={isOff} what="fan" label="Fans" />
      <OnOff node={node} isOff={isOff} what="polarizer" label="Polarizer" />
    </Stack>
  );
}

function ModelLight({ node, isOff }: ControlProps): JSX.Element {
  const change = useChange<{ power: number }>(node, 'model-light');
  const [power, setPower] = useState(0);
  const id = useId();
  return (
    <div>
      <Group justify="space-between">
        <Text id={id} size="sm" fw={600}>
          Model light
        </Text>
        <Text size="sm" role="status">
          {change.isPending ? 'Setting…' : change.isSuccess ? `Set to ${change.variables.power} %` : ''}
        </Text>
      </Group>
      <Slider
        value={power}
        onChange={setPower}
        onChangeEnd={(chosen) => change.mutate({ power: chosen })}
        disabled={isOff}
        label={(value) => `${value} %`}
        thumbProps={{ 'aria-labelledby': id }}
        marks={[{ value: 0, label: 'off' }, { value: 50 }, { value: 100, label: '100 %' }]}
        mb="lg"
        mx="xs"
      />
      {change.error !== null && <ProblemAlert error={change.error} onClose={change.reset} />}
    </div>
  );
}

interface OnOffProps extends ControlProps {
  readonly what: 'fan' | 'polarizer';
  readonly label: string;
}

function OnOff({ node, isOff, what, label }: OnOffProps): JSX.Element {
  const change = useChange<{ on: boolean }>(node, what);
  const last = change.isSuccess ? change.variables.on : undefined;
  return (
    <div role="group" aria-label={label}>
      <Group gap="sm">
        <Text size="sm" fw={600} w="6rem">
          {label}
        </Text>
        {[true, false].map((on) => (
          <Button
            key={String(on)}
            size="xs"
            variant={last === on ? 'filled' : 'default'}
            disabled={isOff}
            loading={change.isPending && change.variables.on === on}
            onClick={() => change.mutate({ on })}
          >
            {on ? 'On' : 'Off'}
          </Button>
        ))}
      </Group>
      {change.error !== null && <ProblemAlert error={change.error} onClose={change.reset} />}
    </div>
  );
}
