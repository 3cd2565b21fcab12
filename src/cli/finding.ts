/** What `doctor` finds. */
export interface Finding {
  readonly check: string;
  /** `warning` deserves attention; `wrong` keeps the gateway from working; `none` was not checked. */
  readonly verdict: 'ok' | 'warning' | 'wrong' | 'none';
  readonly text: string;
  /** What to do about it. */
  readonly advice?: string;
}

export function ok(check: string, text: string): Finding {
  return { check, verdict: 'ok', text };
}

export function warning(check: string, text: string, advice?: string): Finding {
  return { check, verdict: 'warning', text, ...(advice !== undefined && { advice }) };
}

export function wrong(check: string, text: string, advice?: string): Finding {
  return { check, verdict: 'wrong', text, ...(advice !== undefined && { advice }) };
}

export function unchecked(check: string, text: string): Finding {
  return { check, verdict: 'none', text };
}
