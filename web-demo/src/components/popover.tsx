import { useEffect, useId, useRef, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { Icon } from './icon.js';
import type { IconName } from './icon.js';
import styles from './popover.module.css';

interface PopoverProps {
  readonly icon: IconName;
  /** Beside the icon, and the button's name. */
  readonly text: string;
  /** A tint: `own` for what is the user's, `warn` for what they should see. */
  readonly tint?: 'own' | 'warn' | undefined;
  /** Opens by itself when it changes to another number. */
  readonly alarm?: number;
  readonly children: ReactNode;
}

/** A chip that opens a panel. Escape and a press elsewhere close it. */
export function Popover({ icon, text, tint, alarm = 0, children }: PopoverProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const [heard, setHeard] = useState(alarm);
  const host = useRef<HTMLSpanElement>(null);
  const id = useId();
  if (alarm !== heard) {
    setHeard(alarm);
    setOpen(true);
  }
  useEffect(() => {
    if (!isOpen) return undefined;
    const onDown = ({ target }: PointerEvent): void => {
      // A dialog that the panel opened stands elsewhere in the document.
      const isInside =
        target instanceof Element &&
        (host.current?.contains(target) === true || target.closest('dialog') !== null);
      if (!isInside) setOpen(false);
    };
    document.addEventListener('pointerdown', onDown);
    return () => document.removeEventListener('pointerdown', onDown);
  }, [isOpen]);
  return (
    <span
      ref={host}
      className={styles['host']}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen || event.defaultPrevented) return;
        setOpen(false);
        host.current?.querySelector('button')?.focus();
      }}
    >
      <button
        type="button"
        className={styles['chip']}
        data-tint={tint}
        title={text}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={icon} />
        <span className={styles['text']}>{text}</span>
      </button>
      {isOpen && (
        <div id={id} className={styles['panel']}>
          {children}
        </div>
      )}
    </span>
  );
}
