import { useCallback, useMemo, useState } from 'react';

export interface Selection {
  /** Undefined while nothing is being selected. */
  readonly chosen: ReadonlySet<number> | undefined;
  readonly begin: () => void;
  readonly end: () => void;
  readonly toggle: (id: number) => void;
  /** All of them, or none of them when all are chosen. */
  readonly toggleAll: (ids: readonly number[]) => void;
}

const NONE: ReadonlySet<number> = new Set();

/** Devices that the user chooses, to do something with all of them. */
export function useSelection(): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<number>>();
  const begin = useCallback(() => setChosen(NONE), []);
  const end = useCallback(() => setChosen(undefined), []);
  const toggle = useCallback((id: number) => {
    setChosen((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  const toggleAll = useCallback((ids: readonly number[]) => {
    setChosen((before = NONE) => {
      const isWhole = ids.every((id) => before.has(id));
      const others = [...before].filter((id) => !ids.includes(id));
      return new Set(isWhole ? others : [...others, ...ids]);
    });
  }, []);
  return useMemo(() => ({ chosen, begin, end, toggle, toggleAll }), [chosen, begin, end, toggle, toggleAll]);
}
