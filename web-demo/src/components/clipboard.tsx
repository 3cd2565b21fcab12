import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useCallback, useState } from 'react';
import type { JSX } from 'react';
import { useFocusBack } from '../lib/use-focus-back.js';

/** Longer text is offered as a download instead of being shown. */
const MAX_SHOWN_CHARS = 200_000;

export interface Copier {
  /** `what` names the copied text in the message after success. */
  readonly copy: (text: string, what: string) => void;
  /** Says what was copied; empty before. */
  readonly message: string;
  readonly clearMessage: () => void;
  /** Shows the text for manual copying when the clipboard is not available. */
  readonly dialog: JSX.Element | null;
}

/** `fileName`: name of the JSON download that is offered when copying fails. */
export function useCopier(label: string, fileName?: string): Copier {
  const [message, setMessage] = useState('');
  const [uncopied, setUncopied] = useState<string>();
  const copy = useCallback((text: string, what: string): void => {
    setMessage('');
    void writeToClipboard(text).then((isCopied) =>
      isCopied ? setMessage(`Copied ${what}.`) : setUncopied(text),
    );
  }, []);
  const clearMessage = useCallback(() => setMessage(''), []);
  const dialog =
    uncopied === undefined ? null : (
      <ManualCopy text={uncopied} label={label} fileName={fileName} onClose={() => setUncopied(undefined)} />
    );
  return { copy, message, clearMessage, dialog };
}

/** Resolves to whether it succeeded. Browsers give the clipboard to secure pages only; plain HTTP is common here. */
async function writeToClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyWithExecCommand(text);
  }
}

/** Deprecated, but the only way on a page that is not secure. */
function copyWithExecCommand(text: string): boolean {
  const before = document.activeElement;
  const textarea = document.createElement('textarea');
  textarea.value = text;
  textarea.readOnly = true;
  textarea.style.position = 'fixed';
  textarea.style.opacity = '0';
  document.body.append(textarea);
  textarea.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const isCopied = document.execCommand('copy');
  textarea.remove();
  if (before instanceof HTMLElement) before.focus();
  return isCopied;
}

interface ManualCopyProps {
  readonly text: string;
  readonly label: string;
  readonly fileName: string | undefined;
  readonly onClose: () => void;
}

function ManualCopy({ text, label, fileName, onClose }: ManualCopyProps): JSX.Element {
  const isShown = text.length <= MAX_SHOWN_CHARS;
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
