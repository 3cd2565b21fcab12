import { Button, Group, Loader, Stack, Text, Title } from '@mantine/core';
import type { JSX, ReactNode } from 'react';
import { clockText } from '../../lib/times.js';
import { useDeviceScope } from './device-scope.js';
import { Elapsed } from './elapsed.js';
import { Failure, Section, Unsupported } from './section.js';
import { Figures } from './self-test-drawings.js';
import { measurements } from './self-test-fields.js';
import type { Measurement } from './self-test-fields.js';
import { useMeasurement, useSupports } from './use-setting.js';

export function SelfTestSection(): JSX.Element {
  const supports = useSupports('RunSelfTest');
  return (
    <Section title="Self test" hint="Lay the device down and leave it still: the test takes seconds.">
      {supports === false ? <Unsupported /> : <SelfTest />}
    </Section>
  );
}

function SelfTest(): JSX.Element {
  const { blocked } = useDeviceScope();
  const test = useMeasurement('self-test', (client, DeviceId) => client.call('RunSelfTest', { DeviceId }));
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <Button
          loading={test.isFetching}
          disabled={blocked !== undefined}
          onClick={() => void test.refetch()}
        >
          Run self test
        </Button>
        <Group gap="xs" role="status">
          {test.isFetching && <Loader size="xs" aria-hidden />}
          <Text size="sm">
            {blocked ??
              (test.isFetching ? (
                <>
                  The device tests itself… <Elapsed />
                </>
              ) : test.data !== undefined ? (
                `Measured at ${clockText(test.dataUpdatedAt)}.`
              ) : (
                ''
              ))}
          </Text>
        </Group>
      </Group>
      {test.error !== null && !test.isFetching && <Failure error={test.error} />}
      {test.data !== undefined && <Results answer={test.data} />}
    </Stack>
  );
}

function Results({ answer }: { readonly answer: Readonly<Record<string, unknown>> }): JSX.Element {
  const { ofDevice, ofSensors } = measurements(answer);
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        Each kind of drawing is to one scale. In tables, blue is above zero and orange is below.
      </Text>
      {ofDevice.length > 0 && (
        <Kind title="The device as a whole">
          <Figures of={ofDevice} />
        </Kind>
      )}
      {ofSensors.map((measurement) => (
        <Kind key={measurement.key} title={titleOf(measurement)}>
          <Figures of={[measurement]} />
        </Kind>
      ))}
    </Stack>
  );
}

function titleOf({ title, unit }: Measurement): string {
  return unit === '' ? title : `${title} (${unit})`;
}

function Kind({ title, children }: { readonly title: string; readonly children: ReactNode }): JSX.Element {
  return (
    <section aria-label={title}>
      <Title order={3} size="h5" mb="xs">
        {title}
      </Title>
      {children}
    </section>
  );
}
