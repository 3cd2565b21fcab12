import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import type { JSX } from 'react';
import { useCopier } from '../../components/clipboard.js';
import styles from './console.module.css';

/** The request as a curl command line. */
export function CurlView({
  line,
  hasToken,
}: {
  readonly line: string;
  readonly hasToken: boolean;
}): JSX.Element {
  const { copy, message, clearMessage, dialog } = useCopier('curl line');
  // The message about a copy applies to the previous line.
  useEffect(clearMessage, [clearMessage, line]);
  return (
    <Stack gap="xs" component="section" aria-labelledby="console-curl">
      <Group justify="space-between">
        <Title order={3} size="h4" id="console-curl">
          As a curl line
        </Title>
        <Group gap="xs">
          <Text size="sm" role="status">
            {message}
          </Text>
          <Button variant="default" size="xs" onClick={() => copy(line, 'the line')}>
            Copy the line
          </Button>
        </Group>
      </Group>
      <pre className={`${styles.text} ${styles.line} mono`} role="region" aria-label="curl line" tabIndex={0}>
        {line}
      </pre>
      {hasToken && (
        <Text size="sm" c="dimmed">
          Put your token into the shell’s variable TOKEN before.
        </Text>
      )}
      {dialog}
    </Stack>
  );
}
