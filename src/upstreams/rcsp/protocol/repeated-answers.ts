import type { OkResponse } from './message.js';

/** Longer payloads are not remembered: they seldom repeat. */
const MAX_BYTES = 512;
/** Answers that are remembered. */
const MAX_ANSWERS = 1000;
/** Stands for the TrackId; no JSON holds it. */
const MARK = '\0';
const TRACK_ID_BEFORE = /"TrackId"\s*:\s*"$/;

/**
 * Answers by their bytes. A payload that says the same as an earlier one, but for the TrackId, is not parsed again: the
 * two are the same JSON with another text in one place.
 */
export class RepeatedAnswers {
  #known = new Map<string, OkResponse>();

  /** An earlier answer; its `trackId` is not this one's. */
  find(payload: Buffer, trackId: string): OkResponse | undefined {
    if (this.#known.size === 0 || payload.length > MAX_BYTES) return undefined;
    const text = payload.toString('latin1');
    const at = text.indexOf(trackId);
    return at < 0 ? undefined : this.#known.get(keyOf(text, at, trackId));
  }

  /** `answer` is what a parser found in `payload`. Nothing is remembered where the TrackId's place is not certain. */
  remember(payload: Buffer, answer: OkResponse): void {
    const { trackId } = answer;
    if (payload.length > MAX_BYTES || trackId === undefined) return;
    const text = payload.toString('latin1');
    const at = text.indexOf(trackId);
    // Without escapes, and with one such text, it can only be the member's value.
    const isPlain = !text.includes('\\') && text.indexOf(trackId, at + 1) < 0;
    if (at < 0 || !isPlain || !TRACK_ID_BEFORE.test(text.slice(0, at))) return;
    if (text[at + trackId.length] !== '"') return;
    if (this.#known.size >= MAX_ANSWERS) this.#known = new Map();
    this.#known.set(keyOf(text, at, trackId), {
      ...answer,
      bytes: answer.bytes && Buffer.from(answer.bytes),
    });
  }
}

function keyOf(text: string, at: number, trackId: string): string {
  return text.slice(0, at) + MARK + text.slice(at + trackId.length);
}
