import { useCallback, useEffect, useRef, useState } from 'react';
import { useChannel } from '../../lib/studio.js';

const CHANNELS = ['UpdateFwEvents/*'];

/** An update that the studio reports and that this gateway did not start. */
export interface ForeignUpdate {
  readonly percent: number | undefined;
  /** Undefined while it runs. */
  readonly end: 'done' | 'failed' | undefined;
  readonly error: string | undefined;
}

/** `isOurs`: an update of this gateway runs, or that is unknown; the studio's events then concern that update. */
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
      const { percent, error } = progressOf(event['EventData']);
      setUpdate((before) => {
        if (event['Topic'] === 'Progress') return { percent, end: undefined, error: undefined };
        // Without a preceding Progress event, the end may belong to an update of this gateway.
        return before && { percent, error, end: event['Topic'] === 'Done' ? 'done' : 'failed' };
      });
    }, []),
  );
  return update;
}

function progressOf(data: unknown): { percent: number | undefined; error: string | undefined } {
  const fields: { PercentComplete?: unknown; ErrorMsg?: unknown } =
    typeof data === 'object' && data !== null ? data : {};
  return {
    percent: typeof fields.PercentComplete === 'number' ? fields.PercentComplete : undefined,
    error: typeof fields.ErrorMsg === 'string' ? fields.ErrorMsg : undefined,
  };
}
