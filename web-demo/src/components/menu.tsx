import { useEffect, useId, useRef, useState } from 'react';
import type { JSX, KeyboardEvent, ReactNode } from 'react';
import { Icon } from './icon.js';
import type { IconName } from './icon.js';
import styles from './ui.module.css';

interface MenuProps {
  readonly label: string;
  readonly icon: IconName;
  /** Shown beside the icon. */
  readonly text?: ReactNode;
  readonly className?: string | undefined;
  /** Opens upwards: for a bar at the bottom. */
  readonly isUp?: boolean;
  readonly children: ReactNode;
}

/** A button that opens a list of `MenuItem`s. Arrow keys move in it, Escape and a press elsewhere close it. */
export function Menu({ label, icon, text, className, isUp = false, children }: MenuProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const host = useRef<HTMLSpanElement>(null);
  const id = useId();
  useEffect(() => {
    if (!isOpen) return undefined;
    keepInWindow(host.current?.querySelector<HTMLElement>('[role="menu"]'));
    host.current?.querySelector<HTMLElement>('[role^="menuitem"]:not(:disabled)')?.focus();
    const onDown = (event: PointerEvent): void => {
      if (event.target instanceof Node && host.current?.contains(event.target) !== true) setOpen(false);
    };
    document.addEventListener('pointerdown', onDown);
    return () => document.removeEventListener('pointerdown', onDown);
  }, [isOpen]);
  const close = (): void => {
    setOpen(false);
    host.current?.querySelector('button')?.focus();
  };
  return (
    <span
      ref={host}
      className={styles['menuHost']}
      onKeyDown={(event) => isOpen && onMenuKey(event, close)}
      onBlur={({ relatedTarget }) => {
        if (relatedTarget instanceof Node && host.current?.contains(relatedTarget) !== true) setOpen(false);
      }}
    >
      <button
        type="button"
        className={className ?? `${styles['button']} ${styles['plain']} ${styles['square']}`}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={icon} />
        {text}
      </button>
      {isOpen && (
        <div
          id={id}
          role="menu"
          aria-label={label}
          className={isUp ? `${styles['menu']} ${styles['menuUp']}` : styles['menu']}
          onClick={close}
        >
          {children}
        </div>
      )}
    </span>
  );
}

/** Pixels that stay free beside the list. */
const MARGIN_PX = 8;

/** A list that is wider than what lies left of its button moves to the right. */
function keepInWindow(list: HTMLElement | null | undefined): void {
  if (list == null) return;
  const { left } = list.getBoundingClientRect();
  if (left < MARGIN_PX) list.style.right = `${left - MARGIN_PX}px`;
}

function onMenuKey(event: KeyboardEvent<HTMLElement>, close: () => void): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role^="menuitem"]:not(:disabled)')];
  const at = items.findIndex((item) => item === document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (event.key === 'Escape') close();
  else if (to === undefined) return;
  else items.at(to % items.length)?.focus();
  event.preventDefault();
  event.stopPropagation();
}

interface MenuItemProps {
  readonly icon?: IconName | undefined;
  readonly hint?: ReactNode;
  /** Chosen or not: for one of several. */
  readonly isChosen?: boolean | undefined;
  readonly disabled?: boolean | undefined;
  /** Leads there, else `onClick`. */
  readonly href?: string;
  readonly onClick?: (() => void) | undefined;
  readonly children: ReactNode;
}

export function MenuItem({
  icon,
  hint,
  isChosen,
  disabled,
  href,
  onClick,
  children,
}: MenuItemProps): JSX.Element {
  const content = (
    <>
      {icon !== undefined && <Icon name={icon} />}
      {children}
      {hint !== undefined && <span className={styles['itemHint']}>{hint}</span>}
    </>
  );
  const common = {
    className: styles['item'],
    role: isChosen === undefined ? 'menuitem' : 'menuitemradio',
    'aria-checked': isChosen,
    onClick,
  };
  if (href !== undefined) {
    return (
      <a href={href} {...common}>
        {content}
      </a>
    );
  }
  return (
    <button type="button" disabled={disabled} {...common}>
      {content}
    </button>
  );
}
