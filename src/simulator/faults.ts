/** Injects faults into answers. */
import { RCSP_ERRORS } from '../errors/errors.js';
import { outlineByName } from './command-table.js';

const FAULT_KINDS = ['hang', 'drop', 'garble', 'late', 'split', 'error'] as const;

/**
 * - `hang`: the command runs and is never answered; later commands of that connection wait behind it
 * - `drop`: the command runs, then the connection is closed instead of an answer
 * - `garble`: the command runs, the answer is not an RCSP frame
 * - `late`: the command runs, the answer comes `delayMs` later
 * - `split`: the command runs, the answer leaves in single bytes
 * - `error`: the command does not run, the answer is an error with `code`
 */
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface FaultRule {
  readonly kind: FaultKind;
  /** Every command when absent. */
  readonly command?: string;
  /** How many times it applies; without limit when absent. */
  readonly count?: number;
  /** Of `late`: real milliseconds, 10 s when absent. */
  readonly delayMs?: number;
  /** Of `error`; `Unknown error` when absent. */
  readonly code?: string;
}

/** The active rules. When several match a command, the first one added applies. */
export class Faults {
  #armed: { readonly rule: FaultRule; left: number }[];

  constructor(rules: readonly FaultRule[] = []) {
    this.#armed = rules.map(arm);
  }

  get rules(): readonly FaultRule[] {
    return this.#armed.map(({ rule }) => rule);
  }

  add(rule: FaultRule): void {
    this.#armed.push(arm(rule));
  }

  clear(): void {
    this.#armed = [];
  }

  /** Returns the rule that applies to this command, and counts one use of it. */
  take(command: string): FaultRule | undefined {
    const hit = this.#armed.find(({ rule }) => rule.command === undefined || rule.command === command);
    if (hit === undefined) return undefined;
    hit.left--;
    if (hit.left <= 0) this.#armed = this.#armed.filter((one) => one !== hit);
    return hit.rule;
  }
}

function arm(rule: FaultRule): { readonly rule: FaultRule; left: number } {
  return { rule, left: rule.count ?? Infinity };
}

const FORM =
  /^(?<kind>[a-z]+)(?::(?<detail>[^=*]+))?(?:=(?<command>[A-Za-z0-9_]+))?(?:\*(?<count>[1-9][0-9]{0,8}))?$/;

/**
 * `kind[:detail][=Command][*count]`: `hang`, `late:5000=ListDevices`, `drop=Info*1`, `error:Busy=SetDeviceName`.
 * @throws Error with one line that names the invalid part
 */
export function parseFault(text: string): FaultRule {
  const groups = FORM.exec(text)?.groups;
  const kind = FAULT_KINDS.find((one) => one === groups?.['kind']);
  if (groups === undefined || kind === undefined) {
    throw unreadable(text, `not of the form ${FAULT_KINDS.join('|')}[:detail][=Command][*count]`);
  }
  const { detail, command, count } = groups;
  if (command !== undefined && !outlineByName.has(command)) throw unreadable(text, `no command ${command}`);
  return {
    kind,
    ...(command === undefined ? {} : { command }),
    ...(count === undefined ? {} : { count: Number(count) }),
    ...parseDetail(text, kind, detail),
  };
}

function parseDetail(text: string, kind: FaultKind, detail: string | undefined): Partial<FaultRule> {
  if (kind === 'error') {
    if (detail === undefined) throw unreadable(text, 'error takes a code, error:Busy');
    if (!Object.hasOwn(RCSP_ERRORS, detail)) throw unreadable(text, `no error code ${detail}`);
    return { code: detail };
  }
  if (detail === undefined) return {};
  if (kind !== 'late') throw unreadable(text, `${kind} takes no detail`);
  if (!/^[0-9]{1,8}$/.test(detail)) throw unreadable(text, 'late takes milliseconds, late:5000');
  return { delayMs: Number(detail) };
}

function unreadable(text: string, reason: string): Error {
  return new Error(`fault ${JSON.stringify(text)}: ${reason}`);
}
