import { useEffect, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { Button } from '../../components/button.js';
import { useDeviceScope } from './device-scope.js';
import styles from './device.module.css';
import { Failure } from './section.js';
import { useSending } from './use-setting.js';
import type { RcspClient } from '../../../../src/client/index.js';

interface ChoiceOption {
  readonly value: number;
  readonly label: ReactNode;
  /** What else is to be known of it. */
  readonly note?: string | undefined;
}

interface ChoiceProps {
  readonly label: string;
  readonly options: readonly ChoiceOption[];
  readonly value: number;
  readonly saving: Saving;
}

/** Buttons of which one is chosen. A press saves. */
export function Choice({ label, options, value, saving }: ChoiceProps): JSX.Element {
  const { blocked } = useDeviceScope();
  return (
    <div role="group" aria-label={label} className={styles['choice']}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          title={option.note}
          disabled={blocked !== undefined || saving.isBusy}
          onClick={() => option.value !== value && saving.save(option.value, value)}
        >
          {option.label}
          {option.note !== undefined && <span className="unseen">, {option.note}</span>}
        </button>
      ))}
    </div>
  );
}

export interface Saving {
  readonly isBusy: boolean;
  /** `before`: what Undo brings back. */
  readonly save: (value: number, before: number) => void;
  /** The value that was saved, and the one before, for a few seconds. */
  readonly saved: { readonly value: number; readonly before: number } | undefined;
  readonly undo: () => void;
  readonly error: unknown;
  readonly reset: () => void;
}

/** How long Undo is offered. */
const UNDO_MS = 5000;

/** Saves at once, and offers to take it back. */
export function useSaving(
  send: (client: RcspClient, id: number, value: number) => Promise<unknown>,
  what: string,
): Saving {
  const [saved, setSaved] = useState<Saving['saved']>();
  const sending = useSending(send, what);
  useEffect(() => {
    if (saved === undefined) return undefined;
    const timer = setTimeout(() => setSaved(undefined), UNDO_MS);
    return () => clearTimeout(timer);
  }, [saved]);
  return {
    isBusy: sending.isPending,
    save: (value, before) => sending.mutate(value, { onSuccess: () => setSaved({ value, before }) }),
    saved,
    undo: () => {
      if (saved !== undefined) sending.mutate(saved.before, { onSuccess: () => setSaved(undefined) });
    },
    error: sending.error,
    reset: sending.reset,
  };
}

interface SavedLineProps {
  readonly saving: Saving;
  /** What is said while Undo is offered. */
  readonly text: string;
  /** What is said otherwise. */
  readonly idle?: string;
}

/** Keeps its height, so that nothing moves when it speaks. */
export function SavedLine({ saving, text, idle = '' }: SavedLineProps): JSX.Element {
  const { blocked } = useDeviceScope();
  return (
    <>
      <div className={styles['saved']}>
        <span role="status">
          {blocked ?? (saving.isBusy ? 'Saving…' : saving.saved === undefined ? idle : text)}
        </span>
        {saving.saved !== undefined && (
          <Button look="plain" disabled={blocked !== undefined} onClick={saving.undo}>
            Undo
          </Button>
        )}
      </div>
      {saving.error !== null && <Failure error={saving.error} onClose={saving.reset} />}
    </>
  );
}
