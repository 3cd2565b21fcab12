import { GATEWAY_CHANNELS } from '../../../../src/wire/gateway-channels.js';
import { useCallback, useEffect, useRef, useState } from 'react';
import { ask } from '../../lib/gateway.js';
import { useChannel, useClientState, useStudio } from '../../lib/studio.js';
import { laterOf, readJob, readJobs } from './job.js';
import type { Job } from './job.js';

const CHANNELS = [GATEWAY_CHANNELS.jobs];

export interface Jobs {
  /** Newest first; undefined until the gateway has been asked. */
  readonly all: readonly Job[] | undefined;
  readonly running: Job | undefined;
  /** Why the gateway did not tell them. */
  readonly error: unknown;
  /** Takes in a job that an answer told of. */
  readonly note: (value: unknown) => void;
}

/** The updates of the last hour: asked for when the page connects, and followed by their channel from then on. */
export function useJobs(): Jobs {
  const state = useClientState();
  const [known, setKnown] = useState<ReadonlyMap<string, Job>>();
  const [error, setError] = useState<unknown>();
  /** What came by the channel while the list was under way. */
  const meanwhile = useRef<readonly Job[]>([]);
  const note = useCallback((value: unknown): void => {
    const job = readJob(value);
    if (job === undefined) return;
    meanwhile.current = [...meanwhile.current, job].slice(-200);
    setKnown((before) => before && merged(before, [job]));
  }, []);
  useChannel(
    CHANNELS,
    useCallback(({ event }) => note(event['EventData']), [note]),
  );
  useEffect(() => {
    if (state !== 'open') return;
    let isCurrent = true;
    meanwhile.current = [];
    ask<unknown>('GET', 'v1/jobs').then(
      (answer) => {
        if (!isCurrent) return;
        setError(undefined);
        setKnown(merged(new Map(), [...readJobs(answer), ...meanwhile.current]));
      },
      (reason: unknown) => isCurrent && setError(reason),
    );
    return () => void (isCurrent = false);
  }, [state]);
  const all = known && [...known.values()].sort((a, b) => b.startedAt - a.startedAt);
  const running = all?.find((job) => job.state === 'running');
  useRefreshAfter(running?.id);
  return { all, running, error, note };
}

/** A device has another firmware after an update, and no event says which. */
function useRefreshAfter(runningId: string | undefined): void {
  const { devices } = useStudio();
  const before = useRef(runningId);
  useEffect(() => {
    if (before.current !== undefined && before.current !== runningId) void devices.refresh();
    before.current = runningId;
  }, [devices, runningId]);
}

function merged(known: ReadonlyMap<string, Job>, news: readonly Job[]): ReadonlyMap<string, Job> {
  const jobs = new Map(known);
  for (const job of news) jobs.set(job.id, laterOf(jobs.get(job.id), job));
  return jobs;
}
