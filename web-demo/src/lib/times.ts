/** Times and durations as text, in the language of the page. */

const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const FINE_CLOCK = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});
const CLOCK_AND_DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** `14:05:07`, with the day when that is not today. */
export function clockText(at: number): string {
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  return (isToday ? CLOCK : CLOCK_AND_DAY).format(at);
}

/** `14:05:07.042`: for events that arrive many times a second. */
export function fineClockText(at: number): string {
  return FINE_CLOCK.format(at);
}

/** The two largest units: `3 d 4 h`, `12 min 5 s`, `0 s`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** A measured duration: `0.4 ms`, `1,250 ms`. */
export function millisecondsText(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en-GB')} ms`;
}
