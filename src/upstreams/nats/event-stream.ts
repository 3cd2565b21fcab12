/** The stream `RCSP`: made by origins, read by edges. */
import type { JetStreamManager, StreamConfig, StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { parseCursor } from '../../wire/cursor.js';
import type { Cursor } from '../../wire/cursor.js';
import type { NatsModules } from './nats-modules.js';
import { STORED_SUBJECTS } from './subjects.js';

export const STREAM = 'RCSP';
export const CURSOR_HEADER = 'Rcsp-Cursor';

const API_TIMEOUT_MS = 3000;
/** The window in which the server drops a message whose id it has stored. */
const DUPLICATE_WINDOW_MS = 120_000;
/** Bytes of the stream, in those of one channel. */
const CHANNELS_OF_BYTES = 1024;

/** JetStream's error codes. */
const NOT_FOUND = 10_059;
const NAME_IN_USE = 10_058;

export interface StreamLimits {
  /** The newest events kept of each channel, and their bytes. */
  readonly maxEvents: number;
  readonly maxBytes: number;
}

export async function managerOf(
  connection: NatsConnection,
  { jetstream }: NatsModules,
): Promise<JetStreamManager> {
  return jetstream.jetstreamManager(connection, { checkAPI: false, timeout: API_TIMEOUT_MS });
}

/** Undefined while there is none. @throws Error when the server does not answer */
export async function streamInfo(manager: JetStreamManager): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(STREAM);
  } catch (error) {
    if (codeOf(error) === NOT_FOUND) return undefined;
    throw error;
  }
}

/** Makes the stream, or widens the one that is there: several origins share it. */
export async function ensureStream(
  manager: JetStreamManager,
  { jetstream, core }: NatsModules,
  limits: StreamLimits,
): Promise<StreamInfo> {
  const known = await streamInfo(manager);
  const maxBytes = limits.maxBytes * CHANNELS_OF_BYTES;
  if (known !== undefined) {
    const wider = widened(known.config, limits.maxEvents, maxBytes);
    return wider === undefined ? known : manager.streams.update(STREAM, wider);
  }
  try {
    return await manager.streams.add({
      name: STREAM,
      subjects: [...STORED_SUBJECTS],
      storage: jetstream.StorageType.File,
      retention: jetstream.RetentionPolicy.Limits,
      discard: jetstream.DiscardPolicy.Old,
      max_msgs_per_subject: limits.maxEvents,
      max_bytes: maxBytes,
      duplicate_window: core.nanos(DUPLICATE_WINDOW_MS),
      allow_direct: true,
      allow_rollup_hdrs: true,
    });
  } catch (error) {
    // Another origin made it meanwhile, with limits of its own.
    if (codeOf(error) !== NAME_IN_USE) throw error;
    return manager.streams.info(STREAM);
  }
}

function widened(
  config: StreamConfig,
  maxEvents: number,
  maxBytes: number,
): Partial<StreamConfig> | undefined {
  const missing = STORED_SUBJECTS.filter((subject) => !config.subjects.includes(subject));
  const { max_msgs_per_subject: events, max_bytes: bytes } = config;
  const hasRoom = (events < 0 || events >= maxEvents) && (bytes < 0 || bytes >= maxBytes);
  if (missing.length === 0 && hasRoom && config.allow_rollup_hdrs && config.allow_direct) return undefined;
  return {
    ...config,
    subjects: [...config.subjects, ...missing],
    max_msgs_per_subject: events < 0 ? events : Math.max(events, maxEvents),
    max_bytes: bytes < 0 ? bytes : Math.max(bytes, maxBytes),
    allow_rollup_hdrs: true,
    allow_direct: true,
  };
}

/** The cursor of the newest message that the stream has of a subject; undefined when it has none. */
export async function lastStored(manager: JetStreamManager, subject: string): Promise<Cursor | undefined> {
  const message = await manager.direct.getMessage(STREAM, { last_by_subj: subject });
  return parseCursor(message?.header.get(CURSOR_HEADER) ?? '');
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
