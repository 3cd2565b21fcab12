import type { JSX } from 'react';
import { ICON_PATHS } from './icon-paths.js';
import type { IconName } from './icon-paths.js';

export type { IconName };

interface IconProps {
  readonly name: IconName;
  /** In pixels, or as CSS length. */
  readonly size?: number | string;
}

/** Decoration: the text or label beside it says the same. */
export function Icon({ name, size = 20 }: IconProps): JSX.Element {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'more' ? 2.75 : 1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
      focusable="false"
      style={{ flex: 'none' }}
    >
      <path d={ICON_PATHS[name]} />
    </svg>
  );
}
