import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useCallback, useState } from 'react';
import type { JSX } from 'react';

/** Characters that are still shown when they cannot be copied. */
const MAX_SHOWN = 200_000;

export interface Copier {
  /** `what` is told when it has worked. */
  readonly copy: (text: string, what: string) => void;
  /** What was copied, in words. */
  readonly told: string;
  /** The way out where there is no clipboard. */
  readonly dialog: JSX.Element | null;
}

/** Browsers give the clipboard to secure pages only, and a tablet may well come over plain HTTP. */
export function useCopier(): Copier {
  const [told, setTold] = useState('');
  const [stranded, setStranded] = useState<string>();
  const copy = useCallback((text: string, what: string): void => {
    setTold('');
    put(text).then(
      () => setTold(`Copied ${what}.`),
      () => setStranded(text),
    );
  }, []);
  const dialog =
    stranded === undefined ? null : <Stranded text={stranded} onClose={() => setStranded(undefined)} />;
  return { copy, told, dialog };
}

/** Rejects where there is no clipboard, whatever its type says: the page is not secure, or may not. */
async function put(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}

function Stranded({ text, onClose }: { readonly text: string; readonly onClose: () => void }): JSX.Element {
  return (
    <Modal
      opened
      onClose={onClose}
      title="The browser keeps its clipboard to itself"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Text size="sm">
          Browsers let only secure pages (HTTPS) use the clipboard. Download the JSON
          {text.length <= MAX_SHOWN ? ', or select and copy it here.' : '; it is too long to be shown.'}
        </Text>
        {text.length <= MAX_SHOWN && (
          <Textarea
            aria-label="JSON"
            value={text}
            readOnly
            rows={12}
            classNames={{ input: 'mono' }}
            onFocus={({ currentTarget }) => currentTarget.select()}
          />
        )}
        <Group justify="end">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button onClick={() => download(text)}>Download events.json</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function download(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'events.json';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
