import { useCallback, useEffect, useRef, useState } from 'react';
import { useChannel } from '../../lib/studio.js';

const CHANNELS = ['UpdateFwEvents/*'];

/** An update that the studio tells of and this gateway did not start. */
export interface ForeignUpdate {
  readonly percent: number | undefined;
  /** Undefined while it runs. */
  readonly end: 'done' | 'failed' | undefined;
  readonly error: string | undefined;
}

/** `isOurs`: an update of this gateway runs, or that is not known yet; what the studio then tells is about that one. */
export function useForeignUpdate(isOurs: boolean): ForeignUpdate | undefined {
  const [update, setUpdate] = useState<ForeignUpdate>();
  const ours = useRef(isOurs);
  useEffect(() => {
    ours.current = isOurs;
    if (isOurs) setUpdate(undefined);
  }, [isOurs]);
  useChannel(
    CHANNELS,
    useCallback(({ event }) => {
      if (ours.current) return;
      const { percent, error } = toldBy(event['EventData']);
      setUpdate((before) => {
        if (event['Topic'] === 'Progress') return { percent, end: undefined, error: undefined };
        // The end of an update whose beginning was not seen may be that of one of ours.
        return before && { percent, error, end: event['Topic'] === 'Done' ? 'done' : 'failed' };
      });
    }, []),
  );
  return update;
}

function toldBy(data: unknown): { percent: number | undefined; error: string | undefined } {
  const told: { PercentComplete?: unknown; ErrorMsg?: unknown } =
    typeof data === 'object' && data !== null ? data : {};
  return {
    percent: typeof told.PercentComplete === 'number' ? told.PercentComplete : undefined,
    error: typeof told.ErrorMsg === 'string' ? told.ErrorMsg : undefined,
  };
}
