import type { JSX } from 'react';
import { clockText } from '../lib/times.js';

/** A time of day. */
export function Clock({ at }: { readonly at: number }): JSX.Element {
  return <time dateTime={new Date(at).toISOString()}>{clockText(at)}</time>;
}
