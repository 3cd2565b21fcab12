import { useCallback, useState } from 'react';
import type { JSX } from 'react';
import { saveFile } from '../lib/save-file.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import ui from './ui.module.css';

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
  // oxlint-disable-next-line typescript/no-deprecated
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
  return (
    <Dialog title="The browser keeps its clipboard to itself" onClose={onClose}>
      <p>
        Browsers let only secure pages (HTTPS) use the clipboard.{' '}
        {isShown ? 'Select and copy it here.' : 'It is too long to be shown: download it.'}
      </p>
      {isShown && (
        <textarea
          aria-label={label}
          className="mono"
          style={{ width: '100%', background: 'var(--bg)', color: 'var(--text)' }}
          value={text}
          readOnly
          data-autofocus
          rows={8}
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
      )}
      <div className={`${ui['row']} ${ui['end']}`}>
        <Button onClick={onClose}>Close</Button>
        {fileName !== undefined && (
          <Button look="primary" onClick={() => saveFile(text, fileName, 'application/json')}>
            Download {fileName}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
