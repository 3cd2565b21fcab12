import { GATEWAY_CHANNELS } from '../../../src/wire/gateway-channels.js';
import type { RcspClient } from '../../../src/client/index.js';
import type { DeviceStore } from './device-store.js';
import { ask } from './gateway.js';
import { laterOf, readJob, readJobs } from './job.js';
import type { Job } from './job.js';
import { keepJson, recallJson } from './kept.js';
import { Store } from './store.js';
import { studioKey } from './studio-path.js';

/** An update that the studio reports and that this gateway did not start; the studio does not say of which device. */
export interface ForeignUpdate {
  readonly percent: number | undefined;
  /** Undefined while it runs. */
  readonly end: 'done' | 'failed' | undefined;
  readonly error: string | undefined;
}

/** What the page knows of an update beside the job: firmware versions that it read, and the file if it gave it. */
export interface UpdateNote {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly file?: string | undefined;
}

export interface JobNews {
  /** Newest first; undefined until the gateway has answered. */
  readonly all: readonly Job[] | undefined;
  readonly running: Job | undefined;
  /** Why reading the jobs failed. */
  readonly error: unknown;
  readonly foreign: ForeignUpdate | undefined;
  /** By id of the job. */
  readonly notes: ReadonlyMap<string, UpdateNote>;
}

/** Reports kept while the list is read. */
const MAX_REPORTS = 200;
const MAX_NOTES = 100;
const NOTES_KEY = 'rcsp-update-notes';

/** The updates of the last hour: read on every connection, then kept current from their channel. */
export class JobStore extends Store {
  readonly #client: RcspClient;
  readonly #devices: DeviceStore;
  readonly #stops: (() => void)[] = [];
  #known: ReadonlyMap<string, Job> | undefined;
  /** Received from the channel while the list was read. */
  #reports: Job[] = [];
  #reading = 0;
  readonly #notes = new Map(keptNotes());
  #news: JobNews = {
    all: undefined,
    running: undefined,
    error: undefined,
    foreign: undefined,
    notes: this.#notes,
  };

  constructor(client: RcspClient, devices: DeviceStore) {
    super();
    this.#client = client;
    this.#devices = devices;
  }

  /** Subscribes and reads. */
  start(): void {
    this.#stops.push(
      this.#client.subscribe(GATEWAY_CHANNELS.jobs, {}, ({ event }) => this.add(event['EventData'])),
      this.#client.subscribe('UpdateFwEvents/*', {}, ({ event }) =>
        this.#onForeign(event['Topic'], event['EventData']),
      ),
      this.#client.on('state', ({ state }) => state === 'open' && void this.#read()),
      this.#devices.subscribe(() => this.#noteVersions()),
    );
    if (this.#client.state === 'open') void this.#read();
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  readonly snapshot = (): JobNews => this.#news;

  /** Adds the job of an answer or of an event. */
  readonly add = (value: unknown, file?: string): void => {
    const job = readJob(value);
    if (job === undefined) return;
    if (file !== undefined) this.#note(job.id, { file });
    this.#reports = [...this.#reports, job].slice(-MAX_REPORTS);
    if (this.#known !== undefined) this.#set(merged(this.#known, [job]));
  };

  async #read(): Promise<void> {
    const reading = ++this.#reading;
    this.#reports = [];
    try {
      const answer = await ask<unknown>('GET', 'v1/jobs');
      if (reading !== this.#reading) return;
      this.#news = { ...this.#news, error: undefined };
      this.#set(merged(new Map(), [...readJobs(answer), ...this.#reports]));
    } catch (error) {
      if (reading !== this.#reading) return;
      this.#news = { ...this.#news, error };
      this.notify();
    }
  }

  #set(known: ReadonlyMap<string, Job>): void {
    const before = this.#news.running;
    this.#known = known;
    const all = [...known.values()].sort((a, b) => b.startedAt - a.startedAt);
    const running = all.find((job) => job.state === 'running');
    const foreign = running === undefined ? this.#news.foreign : undefined;
    this.#news = { ...this.#news, all, running, foreign };
    if (running !== undefined && running.id !== before?.id) this.#noteStart(running);
    // An update changes the firmware version, and no event reports the new one.
    if (before !== undefined && before.id !== running?.id) void this.#devices.refresh();
    this.notify();
  }

  #onForeign(topic: unknown, data: unknown): void {
    const isOurs = this.#known === undefined || this.#news.running !== undefined;
    if (isOurs) return;
    const progress = progressOf(data);
    const before = this.#news.foreign;
    // Without a preceding Progress event, the end may belong to an update of this gateway.
    if (topic !== 'Progress' && before === undefined) return;
    const end = topic === 'Progress' ? undefined : topic === 'Done' ? 'done' : 'failed';
    this.#news = { ...this.#news, foreign: { ...progress, end } };
    if (end !== undefined) void this.#devices.refresh();
    this.notify();
  }

  #noteStart({ id, deviceId }: Job): void {
    const from = this.#firmwareOf(deviceId);
    if (from !== undefined && this.#notes.get(id)?.from === undefined) this.#note(id, { from });
  }

  /** The version after an update is the first that differs from the one before, or the same when it is read anew. */
  #noteVersions(): void {
    for (const job of this.#news.all ?? []) {
      const note = this.#notes.get(job.id);
      const to = this.#firmwareOf(job.deviceId);
      const isOpen = job.state === 'done' && note?.from !== undefined && note.to === undefined;
      if (isOpen && to !== undefined && to !== note.from) this.#note(job.id, { to });
    }
  }

  #note(id: string, note: UpdateNote): void {
    this.#notes.set(id, { ...this.#notes.get(id), ...note });
    const [oldest] = this.#notes.keys();
    if (this.#notes.size > MAX_NOTES && oldest !== undefined) this.#notes.delete(oldest);
    this.#news = { ...this.#news, notes: new Map(this.#notes) };
    keepJson('browser', studioKey(NOTES_KEY), [...this.#notes]);
    this.notify();
  }

  #firmwareOf(deviceId: number | null): string | undefined {
    return this.#devices.snapshot()?.find(({ id }) => id === deviceId)?.firmware;
  }
}

function keptNotes(): readonly (readonly [string, UpdateNote])[] {
  const kept = recallJson('browser', studioKey(NOTES_KEY));
  return Array.isArray(kept) ? kept.filter(isNamedNote) : [];
}

function isNamedNote(value: unknown): value is [string, UpdateNote] {
  if (!Array.isArray(value) || typeof value[0] !== 'string') return false;
  const note: unknown = value[1];
  if (typeof note !== 'object' || note === null) return false;
  const { from, to, file }: Partial<Record<keyof UpdateNote, unknown>> = note;
  return [from, to, file].every((each) => each === undefined || typeof each === 'string');
}

function merged(known: ReadonlyMap<string, Job>, added: readonly Job[]): ReadonlyMap<string, Job> {
  const jobs = new Map(known);
  for (const job of added) jobs.set(job.id, laterOf(jobs.get(job.id), job));
  return jobs;
}

function progressOf(data: unknown): Pick<ForeignUpdate, 'percent' | 'error'> {
  const fields: { PercentComplete?: unknown; ErrorMsg?: unknown } =
    typeof data === 'object' && data !== null ? data : {};
  return {
    percent: typeof fields.PercentComplete === 'number' ? fields.PercentComplete : undefined,
    error: typeof fields.ErrorMsg === 'string' ? fields.ErrorMsg : undefined,
  };
}
