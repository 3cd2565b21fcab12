import { useEffect } from 'react';
import { isTaken } from '../../lib/keys.js';

/** P pauses; J and K move the focus through the rows that are drawn. */
export function useEventKeys(onPause: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isTaken(event)) return;
      const key = event.key.toLowerCase();
      if (key === 'p') onPause();
      else if (key === 'j') moveFocus(1);
      else if (key === 'k') moveFocus(-1);
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [onPause]);
}

function moveFocus(step: 1 | -1): void {
  const heads = [...document.querySelectorAll<HTMLElement>('[role=list][aria-label=Events] [aria-expanded]')];
  const ordered = heads.toSorted((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top);
  const at = ordered.findIndex((each) => each === document.activeElement);
  const next =
    at < 0 ? (step > 0 ? 0 : ordered.length - 1) : Math.max(0, Math.min(ordered.length - 1, at + step));
  ordered[next]?.focus();
}
