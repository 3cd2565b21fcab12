import { useMemo } from 'react';
import { useDevices } from './studio.js';
import type { LaneKey } from './timeline.js';

/** A lane for the studio and for each device, so that a timeline keeps its height. */
export function useAllLanes(): readonly LaneKey[] {
  const ids =
    useDevices()
      ?.map(({ id }) => id)
      .join() ?? '';
  return useMemo(() => {
    const named = ids === '' ? [] : ids.split(',');
    return ['studio', ...named.map((id): LaneKey => `device ${Number(id)}`)];
  }, [ids]);
}
