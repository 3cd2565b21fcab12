import { Button, Center, Loader, Stack, Text, Title } from '@mantine/core';
import type { JSX } from 'react';

interface WaitingProps {
  /** Why the gateway has not answered; undefined during the first attempt. */
  readonly problem: string | undefined;
  readonly onRetry: () => void;
}

/** Shown until the gateway has accepted or refused the token. */
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
