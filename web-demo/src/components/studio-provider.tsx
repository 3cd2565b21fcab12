import { useEffect, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { takeStudio } from '../lib/early-studio.js';
import { StudioContext } from '../lib/studio.js';

interface StudioProviderProps {
  /** The gateway does not let us in: it wants a token, or another one (401), or nobody like us (403). */
  readonly onRefused: (status: number, detail: string) => void;
  readonly children: ReactNode;
}

/** Owns the connection that all views share. */
export function StudioProvider({ onRefused, children }: StudioProviderProps): JSX.Element {
  const [running] = useState(takeStudio);
  useEffect(() => {
    running.onEnd = ({ status, detail }) => onRefused(status, detail);
  }, [running, onRefused]);
  useEffect(() => () => running.close(), [running]);
  return <StudioContext value={running.studio}>{children}</StudioContext>;
}
