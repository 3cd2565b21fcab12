/** Failures of simulated light arrays, on purpose. */

const KINDS = ['silent', 'mute', 'error', 'stderr', 'late', 'endless'] as const;

/**
 * - `silent`: the command runs, and nothing is told of it
 * - `mute`: its output is told, and no message
 * - `error`: boardio says BOARDIO_ERROR
 * - `stderr`: boardiocli fails
 * - `late`: what is told of it comes `delayMs` later
 * - `endless`: its sequence is never complete
 */
export type LightFaultKind = (typeof KINDS)[number];

export interface LightFault {
  readonly kind: LightFaultKind;
  /** `uSeq`, `uSeqStandalone` or `runSeq`; each of them when absent. */
  readonly command?: string;
  /** How many times it strikes; forever when absent. */
  readonly count?: number;
  /** Of `late`: milliseconds. */
  readonly delayMs?: number;
}

const FORM =
  /^(?<kind>[a-z]+)(?::(?<delay>[0-9]{1,8}))?(?:=(?<command>uSeq|uSeqStandalone|runSeq))?(?:\*(?<count>[1-9][0-9]{0,8}))?$/;

/** `silent`, `error=runSeq*1`, `late:5000=uSeq`. @throws Error with one line that says what does not fit */
export function parseLightFault(text: string): LightFault {
  const { kind: named, delay, command, count } = FORM.exec(text)?.groups ?? {};
  const kind = KINDS.find((each) => each === named);
  if (kind === undefined || (kind === 'late') !== (delay !== undefined)) {
    throw new Error(
      `the fault ${JSON.stringify(text.slice(0, 100))} is not of the form ` +
        `${KINDS.join('|')}[=uSeq|uSeqStandalone|runSeq][*count], with late:<ms>`,
    );
  }
  return {
    kind,
    ...(delay !== undefined && { delayMs: Number(delay) }),
    ...(command !== undefined && { command }),
    ...(count !== undefined && { count: Number(count) }),
  };
}

/** The faults in force; the one that was added first strikes. */
export class LightFaults {
  #armed: { readonly fault: LightFault; left: number }[] = [];

  constructor(faults: readonly LightFault[] = []) {
    for (const fault of faults) this.add(fault);
  }

  add(fault: LightFault): void {
    this.#armed.push({ fault, left: fault.count ?? Infinity });
  }

  clear(): void {
    this.#armed = [];
  }

  /** The one that strikes this command now; one of its times is used up. */
  take(command: string): LightFault | undefined {
    const hit = this.#armed.find(({ fault }) => (fault.command ?? command) === command);
    if (hit === undefined) return undefined;
    hit.left -= 1;
    if (hit.left <= 0) this.#armed = this.#armed.filter((each) => each !== hit);
    return hit.fault;
  }
}
