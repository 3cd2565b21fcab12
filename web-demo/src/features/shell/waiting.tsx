import { Button, Center, Loader, Stack, Text, Title } from '@mantine/core';
import type { JSX } from 'react';

interface WaitingProps {
  /** Why the gateway has not said yet who may come in; undefined while it is asked for the first time. */
  readonly problem: string | undefined;
  readonly onRetry: () => void;
}

/** Before the page knows whether it may come in. */
export function Waiting({ problem, onRetry }: WaitingProps): JSX.Element {
  return (
    <Center component="main" mih="100vh" p="md">
      {problem === undefined ? (
        <Loader aria-label="Asking the gateway" />
      ) : (
        <Stack maw={420} role="alert">
          <Title order={1} size="h3">
            No answer from the gateway
          </Title>
          <Text className="wrap-anywhere">{problem}</Text>
          <Text>The page keeps trying by itself.</Text>
          <Button variant="default" onClick={onRetry}>
            Try again now
          </Button>
        </Stack>
      )}
    </Center>
  );
}
