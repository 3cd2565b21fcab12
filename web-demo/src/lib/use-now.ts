import { useEffect, useState } from 'react';

/** `Date.now()`, read again every `ms` milliseconds while `runs` is true. */
export function useNow(ms = 1000, runs = true): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!runs) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), ms);
    return () => clearInterval(timer);
  }, [ms, runs]);
  return now;
}
