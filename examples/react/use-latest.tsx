import { useEffect, useState } from 'react';
import { RcspClient } from 'rcsp-gateway/client';
import type { StudioEvent } from 'rcsp-gateway/client';

const studio = new RcspClient(); // the page's own origin

/** The newest event of a channel, or of all that a pattern stands for. */
export function useLatest(pattern: string): StudioEvent | undefined {
  const [latest, setLatest] = useState<StudioEvent>();
  useEffect(() => studio.subscribe(pattern, { mode: 'latest' }, setLatest), [pattern]);
  return latest;
}
