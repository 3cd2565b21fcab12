import type { JSX, ReactNode } from 'react';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import ui from './ui.module.css';

interface ConfirmDialogProps {
  readonly isOpen: boolean;
  /** Names the object of the action. */
  readonly question: string;
  /** Label of the button that confirms. */
  readonly yes: string;
  /** Label of the button that cancels. */
  readonly no?: string;
  readonly children: ReactNode;
  readonly onYes: () => void;
  readonly onNo: () => void;
}

/** Asks for confirmation before an action that cannot easily be undone. */
export function ConfirmDialog(props: ConfirmDialogProps): JSX.Element | null {
  const { isOpen, question, yes, no = 'Cancel', children, onYes, onNo } = props;
  if (!isOpen) return null;
  return (
    <Dialog title={question} onClose={onNo}>
      {children}
      <div className={`${ui['row']} ${ui['end']}`}>
        <Button onClick={onNo} data-autofocus>
          {no}
        </Button>
        <Button
          look="danger"
          onClick={() => {
            onNo();
            onYes();
          }}
        >
          {yes}
        </Button>
      </div>
    </Dialog>
  );
}
