import { useEffect, useState } from 'react';
import type { JSX } from 'react';

/** Whole seconds since mount: for operations that report no progress. */
export function Elapsed(): JSX.Element {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return <span aria-hidden>{seconds} s</span>;
}
