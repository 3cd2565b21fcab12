/** A place in a channel, written `<epoch>:<seq>`. `seq` counts from 1 in every epoch. */
export interface Cursor {
  readonly epoch: string;
  readonly seq: number;
}

/** How a cursor is written. */
export const CURSOR_TEXT = /^([0-9a-z]{1,32}):(\d{1,15})$/;

export function formatCursor({ epoch, seq }: Cursor): string {
  return `${epoch}:${seq}`;
}

/** Returns undefined when the text is no cursor. */
export function parseCursor(text: string): Cursor | undefined {
  const [, epoch, digits] = CURSOR_TEXT.exec(text) ?? [];
  return epoch === undefined ? undefined : { epoch, seq: Number(digits) };
}

/** Whether a place is known to lie at or before another. Places of different epochs have no order. */
export function isAtOrBefore(cursor: string, other: string | undefined): boolean {
  const [a, b] = [parseCursor(cursor), parseCursor(other ?? '')];
  return a !== undefined && a.epoch === b?.epoch && a.seq <= b.seq;
}

/** The place after this one. */
export function cursorAfter(cursor: string): string {
  const place = parseCursor(cursor);
  return place === undefined ? cursor : formatCursor({ epoch: place.epoch, seq: place.seq + 1 });
}
