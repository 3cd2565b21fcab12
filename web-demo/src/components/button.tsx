import type { ButtonHTMLAttributes, JSX } from 'react';
import { Icon } from './icon.js';
import type { IconName } from './icon.js';
import styles from './ui.module.css';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: 'primary' | 'danger' | 'plain' | undefined;
  readonly icon?: IconName;
  /** While what it started runs: it cannot be pressed. */
  readonly isBusy?: boolean;
}

/** A button with text. */
export function Button({ look, icon, isBusy = false, children, ...rest }: ButtonProps): JSX.Element {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || isBusy}
      aria-busy={isBusy || undefined}
      className={[styles['button'], look && styles[look], rest.className].filter(Boolean).join(' ')}
    >
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly icon: IconName;
  readonly label: string;
}

/** A button that is an icon; `label` is its name and its tooltip. */
export function IconButton({ icon, label, ...rest }: IconButtonProps): JSX.Element {
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      {...rest}
      className={[styles['button'], styles['plain'], styles['square'], rest.className]
        .filter(Boolean)
        .join(' ')}
    >
      <Icon name={icon} />
    </button>
  );
}
