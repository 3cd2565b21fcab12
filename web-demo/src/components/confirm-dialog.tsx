import { Button, Group, Modal, Stack } from '@mantine/core';
import type { JSX, ReactNode } from 'react';

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
export function ConfirmDialog(props: ConfirmDialogProps): JSX.Element {
  const { isOpen, question, yes, no = 'Cancel', children, onYes, onNo } = props;
  return (
    <Modal
      opened={isOpen}
      onClose={onNo}
      title={question}
      closeButtonProps={{ 'aria-label': 'Close' }}
      className="wrap-anywhere"
      styles={{ title: { lineHeight: 1.35 } }}
      centered
    >
      <Stack>
        {children}
        <Group justify="flex-end">
          <Button variant="default" onClick={onNo} data-autofocus>
            {no}
          </Button>
          <Button
            color="red.9"
            onClick={() => {
              onNo();
              onYes();
            }}
          >
            {yes}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
