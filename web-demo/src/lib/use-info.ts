/** The studio's answer to `Info`. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { CallResponse } from '../../../src/client/index.js';
import { exchange, problemOf } from './gateway.js';
import { isLive } from './link-store.js';
import type { Link } from './link-store.js';
import { useLink } from './studio.js';

export type Info = CallResponse<'Info'>;

export interface TimedInfo {
  readonly info: Info;
  /** When the answer arrived, by `performance.now()`. */
  readonly at: number;
  /** How long the studio took to answer, in milliseconds. */
  readonly studioMs: number | null;
}

/** Read when the studio connects, and on request of the user. */
export function useInfo(link: Link): ReturnType<typeof useQuery<TimedInfo>> {
  const live = isLive(link);
  return useQuery<TimedInfo>({
    queryKey: ['info', link.epoch],
    enabled: live,
    placeholderData: keepPreviousData,
    // The gateway may accept commands slightly later than it reports the studio as connected.
    retry: 3,
    queryFn: async () => {
      const answer = await exchange('GET', 'v1/info');
      if (answer.status !== 200) throw problemOf(answer);
      return { info: answer.body as Info, at: performance.now(), studioMs: answer.studioMs };
    },
  });
}

/** True for the gateway's own simulator and for a separate one; undefined until known. */
export function useIsSimulated(): boolean | undefined {
  const link = useLink();
  const { data } = useInfo(link);
  if (link.upstream?.simulated === true) return true;
  return data === undefined ? undefined : data.info.GitSha === 'simulator';
}

/** The system's name; that it is simulated is said elsewhere. */
export function systemName({ SystemName }: Info): string {
  return SystemName.replace(/ \(simulated studio\)$/, '');
}

export function useStudioName(): string {
  const { data } = useInfo(useLink());
  const name = data === undefined ? '' : systemName(data.info);
  return name === '' ? 'RCSP gateway' : name;
}
