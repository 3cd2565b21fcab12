import { useEffect, useState } from 'react';

/** For a dialog that is mounted only while open: returns the focus to its previous owner on unmount. */
export function useFocusBack(): void {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (opener instanceof HTMLElement) opener.focus({ preventScroll: true });
    },
    [opener],
  );
}
