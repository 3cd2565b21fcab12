/** What the studio says of itself. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { CallResponse } from '../../../src/client/index.js';
import { exchange, problemOf } from './gateway.js';
import { isLive } from './link-store.js';
import type { Link } from './link-store.js';
import { useLink } from './studio.js';

export type Info = CallResponse<'Info'>;

export interface ToldInfo {
  readonly info: Info;
  /** When it was told, by the clock that only goes forwards. */
  readonly at: number;
  /** How long the studio took to answer. */
  readonly studioMs: number | null;
}

/** Requested when the studio comes, and when the user asks. */
export function useInfo(link: Link): ReturnType<typeof useQuery<ToldInfo>> {
  const live = isLive(link);
  return useQuery<ToldInfo>({
    queryKey: ['info', link.epoch],
    enabled: live,
    placeholderData: keepPreviousData,
    // The gateway may be a moment later than its word that the studio is there.
    retry: 3,
    queryFn: async () => {
      const answer = await exchange('GET', 'v1/info');
      if (answer.status !== 200) throw problemOf(answer);
      return { info: answer.body as Info, at: performance.now(), studioMs: answer.studioMs };
    },
  });
}

/** The gateway's own simulator, or one that runs by itself; undefined until anybody has said. */
export function useIsSimulated(): boolean | undefined {
  const link = useLink();
  const { data } = useInfo(link);
  if (link.upstream?.simulated === true) return true;
  return data === undefined ? undefined : data.info.GitSha === 'simulator';
}
