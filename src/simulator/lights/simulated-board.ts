/** The board of a light array, and `boardiocli`, which speaks to it. */
import { SLOTS } from '../../upstreams/lights/protocol/vendor-choices.js';
import type { LightFault, LightFaults } from './light-faults.js';
import type { ShellResult } from './mini-shell.js';

/** How many parameters a row has, and the largest value of each. */
const REGISTERS: Readonly<Record<string, readonly number[]>> = {
  MODEL_LIGHT: [100],
  LED_FAN: [1],
  DIGITAL_POLARIZER: [1],
  ALL_4_NIKON: [100],
  ALL_4_CANON: [100, 109],
  OLAT_4_NIKON: [100, 1],
  OLAT_4_CANON: [100, 1],
};
/** Simulated milliseconds of a row: a flash waits for its camera, OLAT for four of them. */
const ROW_MS = { quick: 20, flash: 300, olat: 1200 };
const MAX_FILES = 16;

/** What one `boardiocli` call leads to. */
export interface BoardCall {
  readonly command: string;
  readonly fault: LightFault | undefined;
  /** BOARDIO_READY or BOARDIO_ERROR. */
  readonly says: string;
  /** Simulated milliseconds until the sequence is complete; undefined when none runs. */
  readonly runMs: number | undefined;
}

export class SimulatedBoard {
  /** What lights, fan and polarizer were last set to, by register. */
  readonly registers = new Map<string, readonly number[]>();
  readonly files = new Map<string, string>();
  readonly #faults: LightFaults;
  #loaded: readonly string[] = [];

  constructor(faults: LightFaults) {
    this.#faults = faults;
  }

  /** Rows of the loaded sequence. */
  get loaded(): readonly string[] {
    return this.#loaded;
  }

  write(path: string, text: string): void {
    if (this.files.size < MAX_FILES || this.files.has(path)) this.files.set(path, text);
  }

  /** Runs `boardiocli`. `calls` gets what follows from it. Undefined for any other command. */
  run(name: string, args: readonly string[], calls: BoardCall[]): ShellResult | undefined {
    if (name === 'cat') return this.#cat(args[0] ?? '');
    if (name !== 'boardiocli' && name !== 'boardio_cli') return undefined;
    const [command = ''] = args;
    if (!['uSeq', 'uSeqStandalone', 'runSeq'].includes(command)) {
      return { status: 1, stdout: '', stderr: `BOARDIO_CLI: unknown command "${command}"\n` };
    }
    const fault = this.#faults.take(command);
    if (fault?.kind === 'stderr') {
      return { status: 1, stdout: '', stderr: 'BOARDIO_CLI: cannot open the FIFO file\n' };
    }
    const error = fault?.kind === 'error' ? 'as ordered' : this.#apply(command);
    const isRun = command === 'runSeq' && error === undefined && fault?.kind !== 'endless';
    calls.push({
      command,
      fault,
      says: error === undefined ? 'BOARDIO_READY' : `BOARDIO_ERROR: ${error}`,
      runMs: isRun ? this.#loaded.reduce((sum, row) => sum + timeOf(row), 0) : undefined,
    });
    return { status: 0, stdout: `BOARDIO_CLI: Sent: "${command}" to FIFO file\n`, stderr: '' };
  }

  #cat(path: string): ShellResult {
    const text = this.files.get(path);
    return text === undefined
      ? { status: 1, stdout: '', stderr: `cat: ${path}: No such file or directory\n` }
      : { status: 0, stdout: text, stderr: '' };
  }

  /** Why it fails; undefined when it does not. */
  #apply(command: string): string | undefined {
    if (command === 'runSeq') {
      for (const row of this.#loaded) {
        const [register = '', ...values] = row.split(',');
        this.registers.set(register, values.map(Number));
      }
      return this.#loaded.length === 0 ? 'no sequence is loaded' : undefined;
    }
    const slot = command === 'uSeq' ? SLOTS.sequence : SLOTS.standalone;
    const rows = (this.files.get(slot.file) ?? '').split('\n').filter((row) => row !== '');
    const bad = rows.find((row) => !isRow(row));
    if (rows.length === 0) return 'the sequence is empty or missing';
    if (bad !== undefined) return `the row ${bad.slice(0, 100)} is not valid`;
    this.#loaded = rows;
    return undefined;
  }
}

function isRow(row: string): boolean {
  const [register = '', ...values] = row.split(',');
  const limits = Object.hasOwn(REGISTERS, register) ? REGISTERS[register] : undefined;
  if (limits?.length !== values.length) return false;
  return values.every((value, i) => /^\d{1,3}$/.test(value) && Number(value) <= (limits[i] ?? 0));
}

function timeOf(row: string): number {
  if (row.startsWith('OLAT')) return ROW_MS.olat;
  return row.startsWith('ALL') ? ROW_MS.flash : ROW_MS.quick;
}
