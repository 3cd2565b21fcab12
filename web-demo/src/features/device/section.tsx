/** Parts that the sections of the device view share. */
import { Button, Card, Group, Loader, Text, Title } from '@mantine/core';
import { useId } from 'react';
import type { JSX, ReactNode } from 'react';
import { ProblemAlert } from '../../components/problem-alert.js';
import { useDeviceScope } from './device-scope.js';
import { isUnsupported } from './use-setting.js';

interface SectionProps {
  readonly title: string;
  readonly hint?: ReactNode;
  /** Beside the title. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

export function Section({ title, hint, aside, children }: SectionProps): JSX.Element {
  const id = useId();
  return (
    <Card component="section" withBorder aria-labelledby={id} h="100%">
      <Group justify="space-between" mb="xs" gap="xs">
        <Title order={2} size="h4" id={id}>
          {title}
        </Title>
        {aside}
      </Group>
      {hint !== undefined && (
        <Text size="sm" c="dimmed" mb="sm">
          {hint}
        </Text>
      )}
      {children}
    </Card>
  );
}

export function Unsupported(): JSX.Element {
  return <Text>This device does not do that.</Text>;
}

/** The failure of a command. An unsupported command is not an error. */
export function Failure({
  error,
  onClose,
}: {
  readonly error: unknown;
  readonly onClose?: () => void;
}): JSX.Element {
  return isUnsupported(error) ? <Unsupported /> : <ProblemAlert error={error} onClose={onClose} />;
}

interface ReadProps<T> {
  /** Whether to show why commands are blocked; false when the content shows it. */
  readonly showsBlocked?: boolean;
  readonly reading: {
    readonly data: T | undefined;
    readonly error: unknown;
    readonly isFetching: boolean;
    readonly refetch: () => unknown;
  };
  readonly children: (data: T) => ReactNode;
}

/** Shows what was read, or why there is nothing. */
export function Read<T>({ reading, showsBlocked = false, children }: ReadProps<T>): JSX.Element {
  const { blocked } = useDeviceScope();
  const { data, error, isFetching } = reading;
  if (isUnsupported(error)) return <Unsupported />;
  return (
    <>
      {data !== undefined && children(data)}
      {data !== undefined && showsBlocked && blocked !== undefined && (
        <Text size="sm" mt="sm">
          {blocked} This is how it was before.
        </Text>
      )}
      {error !== null && (
        <>
          {data !== undefined && <Text mt="sm">It could not be read again; this is how it was before.</Text>}
          <ProblemAlert error={error} />
          <Button
            variant="default"
            mt="sm"
            loading={isFetching}
            disabled={blocked !== undefined}
            onClick={() => void reading.refetch()}
          >
            Read again
          </Button>
        </>
      )}
      {data === undefined && error === null && <NothingYet />}
    </>
  );
}

function NothingYet(): JSX.Element {
  const { blocked } = useDeviceScope();
  if (blocked !== undefined) return <Text>Not read yet. {blocked}</Text>;
  return (
    <Group gap="xs" role="status">
      <Loader size="xs" aria-hidden />
      <Text>Reading…</Text>
    </Group>
  );
}
