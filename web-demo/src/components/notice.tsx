import type { JSX, ReactNode } from 'react';
import { IconButton } from './button.js';
import styles from './ui.module.css';

interface NoticeProps {
  readonly level: 'ok' | 'warn' | 'bad' | 'info';
  readonly title: ReactNode;
  readonly role?: 'alert' | 'status';
  readonly className?: string;
  readonly onClose?: (() => void) | undefined;
  readonly children?: ReactNode;
}

/** A problem or news, where it belongs. */
export function Notice({ level, title, role, className = '', onClose, children }: NoticeProps): JSX.Element {
  return (
    <div className={`${styles['notice']} ${className}`} data-level={level} role={role}>
      <div className={styles['noticeHead']}>
        <div>
          <strong>{title}</strong>
          {children}
        </div>
        {onClose !== undefined && <IconButton icon="close" label="Dismiss" onClick={onClose} />}
      </div>
    </div>
  );
}
