const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** The viewer's time of day. */
export function clockTime(at: number): string {
  return CLOCK.format(at);
}
