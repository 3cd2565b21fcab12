/** Colour and behaviour of a device's LEDs. Neither can be read back: only what this page sent is known. */
import { Button, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { JSX, SubmitEvent } from 'react';
import { toHex } from './colour.js';
import type { Colour } from './colour.js';
import { ColourFields } from './colour-fields.js';
import { useDeviceScope } from './device-scope.js';
import styles from './device.module.css';
import { Failure, Section, Unsupported } from './section.js';
import { useSending, useSupports } from './use-setting.js';

export function LedSection(): JSX.Element {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <LedColour />
      <LedBehaviour />
    </SimpleGrid>
  );
}

interface LedColourValue extends Colour {
  readonly LedId: string;
}

function LedColour(): JSX.Element {
  const { blocked } = useDeviceScope();
  const supports = useSupports('SetColorLed');
  const [LedId, setLed] = useState('RingLed');
  const [colour, setColour] = useState<Colour>({ Red: 0, Green: 128, Blue: 255 });
  const sending = useSending((client, DeviceId, value: LedColourValue) =>
    client.call('SetColorLed', { DeviceId, ...value }),
  );
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (blocked === undefined && LedId !== '') sending.mutate({ LedId, ...colour });
  };
  const { variables } = sending;
  return (
    <Section title="LED colour">
      {supports === false ? (
        <Unsupported />
      ) : (
        <form onSubmit={submit}>
          <Stack gap="sm">
            <LedField value={LedId} known="RingLed" onChange={setLed} />
            <ColourFields value={colour} onChange={setColour} disabled={blocked !== undefined} />
            <Group gap="sm">
              <Button
                type="submit"
                loading={sending.isPending}
                disabled={blocked !== undefined || LedId === ''}
              >
                Set colour
              </Button>
              <Text size="sm" role="status">
                {blocked ??
                  (sending.isSuccess && variables !== undefined
                    ? `${variables.LedId} is ${toHex(variables)} now.`
                    : '')}
              </Text>
            </Group>
            {sending.error !== null && <Failure error={sending.error} onClose={sending.reset} />}
          </Stack>
        </form>
      )}
    </Section>
  );
}

function LedBehaviour(): JSX.Element {
  const { blocked } = useDeviceScope();
  const supports = useSupports('SetLedBehavior');
  const [LedId, setLed] = useState('StatusLed');
  const sending = useSending((client, DeviceId, value: { LedId: string; BehaviorType: 'On' | 'Off' }) =>
    client.call('SetLedBehavior', { DeviceId, ...value }),
  );
  const { variables } = sending;
  const button = (BehaviorType: 'On' | 'Off'): JSX.Element => (
    <Button
      variant="default"
      loading={sending.isPending && variables?.BehaviorType === BehaviorType}
      disabled={blocked !== undefined || LedId === '' || sending.isPending}
      onClick={() => sending.mutate({ LedId, BehaviorType })}
    >
      {BehaviorType === 'On' ? 'Switch on' : 'Switch off'}
    </Button>
  );
  const confirmation =
    variables === undefined ? '' : `${variables.LedId} is ${variables.BehaviorType.toLowerCase()} now.`;
  return (
    <Section title="LED behaviour" hint="For LEDs that are on or off rather than coloured.">
      {supports === false ? (
        <Unsupported />
      ) : (
        <Stack gap="sm">
          <LedField value={LedId} known="StatusLed" onChange={setLed} />
          <Group gap="sm">
            {button('On')}
            {button('Off')}
            <Text size="sm" role="status" className={styles['status']}>
              {blocked ?? (sending.isSuccess ? confirmation : '')}
            </Text>
          </Group>
          {sending.error !== null && <Failure error={sending.error} onClose={sending.reset} />}
        </Stack>
      )}
    </Section>
  );
}

interface LedFieldProps {
  readonly value: string;
  readonly known: string;
  readonly onChange: (value: string) => void;
}

function LedField({ value, known, onChange }: LedFieldProps): JSX.Element {
  const { blocked } = useDeviceScope();
  return (
    <TextInput
      label="LED"
      description={`${known} on Smartgloves; other devices may have others.`}
      value={value}
      disabled={blocked !== undefined}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      error={value === '' ? 'An LED has a name.' : undefined}
      autoComplete="off"
    />
  );
}
