import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useCallback, useState } from 'react';
import type { JSX } from 'react';
import { useFocusBack } from '../lib/use-focus-back.js';

/** Characters that are still shown when they cannot be copied. */
const MAX_SHOWN = 200_000;

export interface Copier {
  /** `what` is told when it has worked. */
  readonly copy: (text: string, what: string) => void;
  /** What was copied, in words. */
  readonly told: string;
  readonly forget: () => void;
  /** The way out where there is no clipboard. */
  readonly dialog: JSX.Element | null;
}

/** `fileName`: as what the text may be downloaded where it cannot be copied; JSON. */
export function useCopier(label: string, fileName?: string): Copier {
  const [told, setTold] = useState('');
  const [stranded, setStranded] = useState<string>();
  const copy = useCallback((text: string, what: string): void => {
    setTold('');
    void put(text).then((isDone) => (isDone ? setTold(`Copied ${what}.`) : setStranded(text)));
  }, []);
  const forget = useCallback(() => setTold(''), []);
  const dialog =
    stranded === undefined ? null : (
      <Stranded text={stranded} label={label} fileName={fileName} onClose={() => setStranded(undefined)} />
    );
  return { copy, told, forget, dialog };
}

/** Whether it worked. Browsers give the clipboard to secure pages only, and a tablet may well come over plain HTTP. */
async function put(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return putOldWay(text);
  }
}

/** Deprecated, and the only way there is on a page that is not secure. */
function putOldWay(text: string): boolean {
  const before = document.activeElement;
  const box = document.createElement('textarea');
  box.value = text;
  box.readOnly = true;
  box.style.position = 'fixed';
  box.style.opacity = '0';
  document.body.append(box);
  box.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const isDone = document.execCommand('copy');
  box.remove();
  if (before instanceof HTMLElement) before.focus();
  return isDone;
}

interface StrandedProps {
  readonly text: string;
  readonly label: string;
  readonly fileName: string | undefined;
  readonly onClose: () => void;
}

function Stranded({ text, label, fileName, onClose }: StrandedProps): JSX.Element {
  const isShown = text.length <= MAX_SHOWN;
  useFocusBack();
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
          Browsers let only secure pages (HTTPS) use the clipboard.{' '}
          {isShown ? 'Select and copy it here.' : 'It is too long to be shown: download it.'}
        </Text>
        {isShown && <Selectable text={text} label={label} />}
        <Group justify="end">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          {fileName !== undefined && (
            <Button onClick={() => download(text, fileName)}>Download {fileName}</Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

function Selectable({ text, label }: { readonly text: string; readonly label: string }): JSX.Element {
  return (
    <Textarea
      aria-label={label}
      value={text}
      readOnly
      data-autofocus
      autosize
      minRows={3}
      maxRows={12}
      classNames={{ input: 'mono' }}
      onFocus={({ currentTarget }) => currentTarget.select()}
    />
  );
}

function download(text: string, fileName: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
