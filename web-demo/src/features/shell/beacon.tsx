import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { titleOf } from '../../lib/device-title.js';
import { useJobs } from '../../lib/studio.js';
import { useVerdict } from '../../lib/use-facts.js';
import { useStudioName } from '../../lib/use-info.js';
import type { Verdict } from '../../lib/verdict.js';
import { VIEWS } from './views.js';

const COLOURS: Readonly<Record<Verdict['level'], string>> = {
  ok: '#16a06a',
  warn: '#e0a11b',
  bad: '#e5443c',
  none: '#6b7686',
};
const SIGNS: Readonly<Record<Verdict['level'], string>> = { ok: '✓ ', warn: '▲ ', bad: '✕ ', none: '' };

/** The studio's state in the browser's tab: title and icon. */
export function Beacon(): null {
  const { verdict, facts } = useVerdict();
  const { running } = useJobs();
  const [place] = useLocation();
  const percent = running?.percent ?? undefined;
  const studio = useStudioName();
  const view = viewName(place, (id) => titleOf(id, facts));
  const title =
    running === undefined
      ? `${SIGNS[verdict.level]}${view} – ${studio}`
      : `${percent === undefined ? '…' : `${Math.round(percent)} %`} ${titleOf(running.deviceId, facts)} – ${studio}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  const icon = iconOf(verdict.level, running === undefined ? undefined : (percent ?? 0));
  useEffect(() => {
    document.querySelector('link[rel="icon"]')?.setAttribute('href', icon);
  }, [icon]);
  return null;
}

function viewName(place: string, deviceName: (id: number) => string): string {
  const [, id] = /^\/devices\/(\d+)/.exec(place) ?? [];
  if (id !== undefined) return deviceName(Number(id));
  const found = VIEWS.find(({ path }) => (path === '/' ? place === '/' : place.startsWith(path)));
  return found?.label ?? 'RCSP gateway';
}

/** A disc in the state's colour; while an update runs, a ring. Shapes differ, too. */
function iconOf(level: Verdict['level'], percent: number | undefined): string {
  const colour = COLOURS[level];
  const signs = {
    ok: 'M10 17l4 4 8-9',
    warn: 'M16 9v9M16 23v.1',
    bad: 'M11 11l10 10M21 11 11 21',
    none: 'M10 16h12',
  };
  const content =
    percent === undefined
      ? `<circle cx="16" cy="16" r="15" fill="${colour}"/><path d="${signs[level]}" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round"/>`
      : `<g fill="none" stroke-width="7" transform="rotate(-90 16 16)"><circle cx="16" cy="16" r="12" stroke="#8b95a3"/><circle cx="16" cy="16" r="12" stroke="#2f6ff0" pathLength="100" stroke-dasharray="${Math.round(percent)} 100"/></g>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${content}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
