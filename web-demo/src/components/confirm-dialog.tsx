import { Button, Group, Modal, Stack } from '@mantine/core';
import type { JSX, ReactNode } from 'react';

interface ConfirmDialogProps {
  readonly isOpen: boolean;
  /** The question, naming what it is about. */
  readonly question: string;
  /** What the button that goes ahead says. */
  readonly yes: string;
  /** What the other one says. */
  readonly no?: string;
  readonly children: ReactNode;
  readonly onYes: () => void;
  readonly onNo: () => void;
}

/** A question before something that cannot simply be taken back. */
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
