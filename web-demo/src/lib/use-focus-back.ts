import { useEffect, useState } from 'react';

/** For a dialog that is drawn only while it is open: when it goes, the focus returns to what had it before. */
export function useFocusBack(): void {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (opener instanceof HTMLElement) opener.focus({ preventScroll: true });
    },
    [opener],
  );
}
