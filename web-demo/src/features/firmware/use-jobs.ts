import { GATEWAY_CHANNELS } from '../../../../src/wire/gateway-channels.js';
import { useCallback, useEffect, useRef, useState } from 'react';
import { ask } from '../../lib/gateway.js';
import { useChannel, useClientState, useStudio } from '../../lib/studio.js';
import { laterOf, readJob, readJobs } from './job.js';
import type { Job } from './job.js';

const CHANNELS = [GATEWAY_CHANNELS.jobs];

export interface Jobs {
  /** Newest first; undefined until the gateway has answered. */
  readonly all: readonly Job[] | undefined;
  readonly running: Job | undefined;
  /** Why reading the jobs failed. */
  readonly error: unknown;
  /** Adds the job of an answer. */
  readonly addJob: (value: unknown) => void;
}

/** The updates of the last hour: read on every connection, then kept current from their channel. */
export function useJobs(): Jobs {
  const state = useClientState();
  const [known, setKnown] = useState<ReadonlyMap<string, Job>>();
  const [error, setError] = useState<unknown>();
  /** Jobs received from the channel while the list was being read. */
  const receivedMeanwhile = useRef<readonly Job[]>([]);
  const addJob = useCallback((value: unknown): void => {
    const job = readJob(value);
    if (job === undefined) return;
    receivedMeanwhile.current = [...receivedMeanwhile.current, job].slice(-200);
    setKnown((before) => before && merged(before, [job]));
  }, []);
  useChannel(
    CHANNELS,
    useCallback(({ event }) => addJob(event['EventData']), [addJob]),
  );
  useEffect(() => {
    if (state !== 'open') return;
    let isCurrent = true;
    receivedMeanwhile.current = [];
    ask<unknown>('GET', 'v1/jobs').then(
      (answer) => {
        if (!isCurrent) return;
        setError(undefined);
        setKnown(merged(new Map(), [...readJobs(answer), ...receivedMeanwhile.current]));
      },
      (reason: unknown) => isCurrent && setError(reason),
    );
    return () => void (isCurrent = false);
  }, [state]);
  const all = known && [...known.values()].sort((a, b) => b.startedAt - a.startedAt);
  const running = all?.find((job) => job.state === 'running');
  useRefreshAfter(running?.id);
  return { all, running, error, addJob };
}

/** An update changes a device's firmware version, and no event reports the new one. */
function useRefreshAfter(runningId: string | undefined): void {
  const { devices } = useStudio();
  const before = useRef(runningId);
  useEffect(() => {
    if (before.current !== undefined && before.current !== runningId) void devices.refresh();
    before.current = runningId;
  }, [devices, runningId]);
}

function merged(known: ReadonlyMap<string, Job>, added: readonly Job[]): ReadonlyMap<string, Job> {
  const jobs = new Map(known);
  for (const job of added) jobs.set(job.id, laterOf(jobs.get(job.id), job));
  return jobs;
}
