/** What an event says, in words: pure. */

export type Level = 'error' | 'warning' | 'info' | 'debug';

export const LEVEL_NAMES: Readonly<Record<Level, string>> = {
  error: 'Error',
  warning: 'Warning',
  info: 'Info',
  debug: 'Debug',
};

/** What an event is about, for filters. */
export type EventKind =
  | 'log'
  | 'press'
  | 'lifecycle'
  | 'calibration'
  | 'saturation'
  | 'measurement'
  | 'update'
  | 'light'
  | 'gateway'
  | 'other';

/** The part of an event message that a sentence needs. */
export interface SaidEvent {
  readonly channel: string;
  readonly event: { readonly Publisher?: unknown; readonly Topic?: unknown; readonly EventData?: unknown };
}

export interface EventStatement {
  readonly level: Level;
  readonly kind: EventKind;
  /** The studio, when the channel names one. */
  readonly studio: string | undefined;
  /** The device that the event names; an update names none. */
  readonly deviceId: number | undefined;
  /** The light array that the event names. */
  readonly light: string | undefined;
  /** Where in the firmware a device's log line comes from. */
  readonly source: string | undefined;
  /** The sentence without its subject. */
  readonly phrase: string;
  /** Of events that replace each other, such as progress: what they have in common. */
  readonly series?: string;
}

type Fields = Readonly<Record<string, unknown>>;
type Statement = Pick<EventStatement, 'level' | 'kind' | 'phrase' | 'series'>;

/** Bound of a phrase: a log line may be longer than any screen. */
const MAX_CHARS = 2000;

export function statementOf({ channel, event }: SaidEvent): EventStatement {
  const { studio, rest } = splitStudio(channel);
  const data = fieldsOf(event.EventData);
  const levels = rest.split('/');
  const isDevice = levels.length === 4 && levels[0] === 'devices';
  const topic = textOf(event.Topic) ?? levels.at(-1) ?? '';
  const publisher = textOf(event.Publisher) ?? levels.at(-2) ?? '';
  const named = data['DeviceId'] ?? data['deviceId'];
  const own = isDevice ? Number(levels[1]) : undefined;
  const base = {
    studio,
    deviceId: own ?? (typeof named === 'number' ? named : undefined),
    light: levels[0] === 'lights' && levels.length === 4 ? levels[1] : undefined,
    source: textOf(data['SrcLocation']),
  };
  const said =
    base.light !== undefined
      ? lightStatement(topic, data)
      : rest.startsWith('$gateway/')
        ? gatewayStatement(rest, data)
        : studioStatement(publisher, topic, data);
  return { ...base, ...said, phrase: said.phrase.slice(0, MAX_CHARS) };
}

/** The whole sentence: `Left glove: gyroscope saturated`. */
export function sentenceOf(statement: EventStatement, deviceName: (id: number) => string): string {
  const subject = subjectOf(statement, deviceName);
  if (subject !== undefined) return `${subject}: ${statement.phrase}`;
  // A line of a log stays as it was written.
  return statement.kind === 'log' ? statement.phrase : capitalized(statement.phrase);
}

/** Who the event is about; undefined when it is about the studio or the gateway. */
export function subjectOf(
  { deviceId, light }: Pick<EventStatement, 'deviceId' | 'light'>,
  deviceName: (id: number) => string,
): string | undefined {
  if (light !== undefined) return `Light ${light}`;
  return deviceId === undefined ? undefined : deviceName(deviceId);
}

/** The level that a channel's name gives away; undefined when only its events tell. */
export function levelOfChannel(channel: string): Level | undefined {
  const [topic = '', publisher] = channel.split('/').toReversed();
  if (publisher === 'Logs' || publisher === 'DeviceLogs') return LOG_LEVELS[topic];
  if (publisher === 'UpdateFwEvents' && topic === 'Failure') return 'error';
  return publisher === 'DeviceEvents' ? DEVICE_EVENTS[topic]?.level : undefined;
}

function splitStudio(channel: string): { readonly studio: string | undefined; readonly rest: string } {
  const [, studio, rest] = /^studios\/([^/]+)\/(.+)$/.exec(channel) ?? [];
  return rest === undefined ? { studio: undefined, rest: channel } : { studio, rest };
}

const LOG_LEVELS: Readonly<Record<string, Level>> = {
  Error: 'error',
  Warning: 'warning',
  Info: 'info',
  Debug: 'debug',
};

/** Without an entry, the topic itself is the phrase. */
const DEVICE_EVENTS: Readonly<Record<string, Statement>> = {
  Seen: { level: 'info', kind: 'lifecycle', phrase: 'seen' },
  Connected: { level: 'info', kind: 'lifecycle', phrase: 'connected' },
  Initialized: { level: 'info', kind: 'lifecycle', phrase: 'initialized' },
  Mapped: { level: 'info', kind: 'lifecycle', phrase: 'mapped' },
  Disconnected: { level: 'warning', kind: 'lifecycle', phrase: 'disconnected' },
  Destroyed: { level: 'info', kind: 'lifecycle', phrase: 'removed from the studio' },
  BootloaderConnected: { level: 'info', kind: 'lifecycle', phrase: 'bootloader connected' },
  BootloaderDisconnected: { level: 'info', kind: 'lifecycle', phrase: 'bootloader disconnected' },
  Calibrated: { level: 'info', kind: 'calibration', phrase: 'calibrated' },
  EmfSaturated: { level: 'warning', kind: 'saturation', phrase: 'EMF sensor saturated' },
  GyrSaturated: { level: 'warning', kind: 'saturation', phrase: 'gyroscope saturated' },
  AccSaturated: { level: 'warning', kind: 'saturation', phrase: 'accelerometer saturated' },
  FlipDecided: { level: 'info', kind: 'measurement', phrase: 'flip decided' },
  CoilDetected: { level: 'info', kind: 'measurement', phrase: 'coil detected' },
};

const PRESSES: Readonly<Record<string, string>> = {
  SinglePress: 'button pressed',
  DoublePress: 'button pressed twice',
  LongPress: 'button held',
};

function studioStatement(publisher: string, topic: string, data: Fields): Statement {
  if (publisher === 'Logs' || publisher === 'DeviceLogs') {
    const phrase = textOf(data['LogMsg']) ?? summaryOf(topic, data);
    return { level: LOG_LEVELS[topic] ?? 'info', kind: 'log', phrase };
  }
  if (publisher === 'DeviceEvents') return deviceEventStatement(topic, data);
  if (publisher === 'UpdateFwEvents') return updateStatement(topic, data);
  return { level: 'info', kind: 'other', phrase: summaryOf(`${publisher} ${topic}`, data) };
}

function deviceEventStatement(topic: string, data: Fields): Statement {
  if (topic === 'ButtonPushed') {
    const push = textOf(data['ButtonPushType']) ?? '';
    return { level: 'info', kind: 'press', phrase: PRESSES[push] ?? `button: ${push}` };
  }
  const known = DEVICE_EVENTS[topic] ?? { level: 'info', kind: 'other', phrase: topic };
  if (data['EventSuccess'] !== 'Failure') return known;
  const phrase = topic === 'Calibrated' ? 'calibration failed' : `${known.phrase}: failed`;
  return { ...known, level: 'error', phrase };
}

function updateStatement(topic: string, data: Fields): Statement {
  const percent = data['PercentComplete'];
  const error = textOf(data['ErrorMsg']);
  switch (topic) {
    case 'Progress':
      return {
        ...info('update', `firmware update ${typeof percent === 'number' ? `${percent} %` : 'running'}`),
        series: 'progress',
      };
    case 'Done':
      return info('update', 'firmware update finished');
    case 'Failure': {
      const phrase = `firmware update failed${error === undefined ? '' : `: ${error}`}`;
      return { level: 'error', kind: 'update', phrase };
    }
    default:
      return info('update', summaryOf(`firmware update ${topic}`, data));
  }
}

function lightStatement(topic: string, data: Fields): Statement {
  switch (topic) {
    case 'State': {
      const state = textOf(data['state']) ?? 'unknown';
      return { level: state === 'unreachable' ? 'warning' : 'info', kind: 'light', phrase: state };
    }
    case 'Output': {
      const output = firstLine(textOf(data['output']) ?? '');
      const isError = /BOARDIO_ERROR/.test(textOf(data['output']) ?? '');
      return { level: isError ? 'error' : 'info', kind: 'light', phrase: output || 'wrote nothing' };
    }
    case 'Message':
      return info('light', firstLine(textOf(data['message']) ?? '') || 'sent an empty message');
    case 'UnitInfo':
      return info('light', 'told what it is');
    default:
      return info('light', summaryOf(topic, data));
  }
}

function gatewayStatement(channel: string, data: Fields): Statement {
  switch (channel) {
    case '$gateway/upstream': {
      const isConnected = data['state'] === 'connected';
      const phrase = isConnected ? 'studio connected' : `studio ${textOf(data['state']) ?? 'offline'}`;
      return { level: isConnected ? 'info' : 'error', kind: 'gateway', phrase };
    }
    case '$gateway/jobs':
      return jobStatement(data);
    case '$gateway/lease': {
      const holder = textOf(data['holder']);
      return info('gateway', holder === undefined ? 'nobody has control' : `${holder} has control`);
    }
    case '$gateway/changes':
      return info('gateway', `${textOf(data['command']) ?? 'a command'} was sent`);
    default:
      return info('gateway', summaryOf(channel, data));
  }
}

function jobStatement(data: Fields): Statement {
  const what = textOf(data['command']) ?? 'job';
  const percent = data['percent'];
  if (data['state'] === 'failed') {
    const phrase = `${what} failed: ${textOf(data['error']) ?? 'no reason given'}`;
    return { level: 'error', kind: 'update', phrase };
  }
  if (data['state'] === 'done') return info('update', `${what} finished`);
  return {
    ...info('update', `${what} running${typeof percent === 'number' ? `, ${percent} %` : ''}`),
    series: 'progress',
  };
}

/** For events that the specification does not name: their first plain values. */
function summaryOf(what: string, data: Fields): string {
  const values = Object.entries(data)
    .filter(([key, value]) => key !== 'DeviceId' && ['string', 'number', 'boolean'].includes(typeof value))
    .slice(0, 4)
    .map(([key, value]) => `${key} ${String(value)}`);
  return values.length === 0 ? what : `${what}: ${values.join(', ')}`;
}

function info(kind: EventKind, phrase: string): Statement {
  return { level: 'info', kind, phrase };
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}

function capitalized(text: string): string {
  return text === '' ? text : `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
