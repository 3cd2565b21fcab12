import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { JSX } from 'react';

/** The request as a line for a shell. */
export function CurlView({
  line,
  hasToken,
}: {
  readonly line: string;
  readonly hasToken: boolean;
}): JSX.Element {
  const element = useRef<HTMLPreElement>(null);
  const [copied, setCopied] = useState<string>();
  // What was copied is not what is shown any more.
  useEffect(() => setCopied(undefined), [line]);
  const copy = async (): Promise<void> => {
    const isDone = element.current !== null && (await copyText(element.current));
    setCopied(isDone ? 'Copied' : 'Not copied: select the line and copy it.');
  };
  return (
    <Stack gap="xs" component="section" aria-labelledby="console-curl">
      <Group justify="space-between">
        <Title order={3} size="h4" id="console-curl">
          As a curl line
        </Title>
        <Group gap="xs">
          <Text size="sm" role="status">
            {copied}
          </Text>
          <Button variant="default" size="xs" onClick={() => void copy()}>
            Copy the line
          </Button>
        </Group>
      </Group>
      <pre
        ref={element}
        className="console-text console-line mono"
        role="region"
        aria-label="curl line"
        tabIndex={0}
      >
        {line}
      </pre>
      {hasToken && (
        <Text size="sm" c="dimmed">
          Put your token into the shell’s variable TOKEN before.
        </Text>
      )}
    </Stack>
  );
}

/** Whether it worked. Browsers keep the clipboard from pages that came over plain HTTP; selecting still works there. */
async function copyText(element: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    getSelection()?.selectAllChildren(element);
    // Deprecated, and the only way there is on such a page.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    return document.execCommand('copy');
  }
}
