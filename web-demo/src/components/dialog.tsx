import { useEffect, useId, useRef } from 'react';
import type { JSX, ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { IconButton } from './button.js';
import styles from './ui.module.css';

interface DialogProps {
  readonly title: string;
  /** Fills the window. */
  readonly isWhole?: boolean;
  readonly closeLabel?: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A modal dialog, open while it is mounted. The browser keeps the focus in it, and gives it back afterwards. */
export function Dialog(props: DialogProps): JSX.Element {
  const { title, isWhole = false, closeLabel = 'Close', onClose, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const opened = dialog.current;
    const opener = document.activeElement;
    opened?.showModal();
    opened?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    return () => {
      opened?.close();
      if (opener instanceof HTMLElement) opener.focus({ preventScroll: true });
    };
  }, []);
  // Outside of whatever is locked around it: it can be closed when control is lost.
  return createPortal(
    <dialog
      ref={dialog}
      className={isWhole ? `${styles['dialog']} ${styles['whole']}` : styles['dialog']}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === dialog.current && !isWhole) onClose();
      }}
    >
      <div className={styles['dialogHead']}>
        <h2 id={id}>{title}</h2>
        <IconButton icon="close" label={closeLabel} onClick={onClose} />
      </div>
      {children}
    </dialog>,
    document.body,
  );
}
