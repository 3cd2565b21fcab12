import { memo, Suspense } from 'react';
import type { JSX } from 'react';
import { Link } from 'wouter';
import { DeviceArt } from '../../components/device-art.js';
import type { DeviceArtProps } from '../../components/device-art.js';
import { DeviceMenu } from '../../components/device-menu.js';
import { Icon } from '../../components/icon.js';
import type { IconName } from '../../components/icon.js';
import { lazyPart } from '../../components/lazy-part.js';
import { connectionText } from '../../lib/connection-text.js';
import { deviceTitle } from '../../lib/device-title.js';
import { useLedColour } from '../../lib/led-memory.js';
import { SIGNAL_MS } from '../../lib/device-status.js';
import type { DeviceFacts, DeviceStatus } from '../../lib/device-status.js';
import styles from './overview.module.css';

const Sparkline = lazyPart(() => import('./activity.js').then((m) => m.Sparkline));

interface DeviceCardProps {
  readonly device: DeviceFacts;
  readonly status: DeviceStatus;
  /** When false, the card shows the last known state. */
  readonly isLive: boolean;
  readonly onCalibrate: ((deviceIds: readonly number[]) => void) | undefined;
  /** Whether it is among the selected ones; undefined while nothing is being selected. */
  readonly isChosen?: boolean | undefined;
  readonly onChoose?: (id: number) => void;
  /** Who wears it, where it does not stand with what they wear. */
  readonly wearer?: string | undefined;
  /** On the wall: as large as its place, without actions. */
  readonly isPlain?: boolean;
}

const SIGNS = { none: 'more', ok: 'ok', todo: 'warn', warn: 'warn', bad: 'bad' } as const satisfies Record<
  string,
  IconName
>;
/** How long after a press its ring is drawn. */
const PRESS_MS = 2000;

/** A device at a glance, with a link to its view. */
export const DeviceCard = memo(
  function DeviceCard({
    device,
    status,
    isLive,
    onCalibrate,
    isChosen,
    onChoose,
    wearer,
    isPlain = false,
  }: DeviceCardProps): JSX.Element {
    const { id, signals } = device;
    const press = signals?.press;
    const saturatedAt = lastSaturation(device);
    const isUpdating = device.job?.state === 'running';
    return (
      <article
        className={`${styles['card']} ${isPlain ? styles['plain'] : ''} ${isLive ? '' : 'stale'}`}
        data-level={status.level}
        data-update={isUpdating || undefined}
        aria-labelledby={`device-${id}`}
      >
        <span className={styles['corner']}>
          <Connection of={device.connection} />
        </span>
        <div className={styles['art']}>
          <Art device={device} level={status.level} />
        </div>
        <h3 className={styles['name']}>
          <Link href={`/devices/${id}`} id={`device-${id}`} title={deviceTitle(device)}>
            {deviceTitle(device)}
          </Link>
        </h3>
        <p key={status.level} className={styles['status']} data-level={status.level}>
          <Icon name={signOf(device, status)} />
          {status.word}
        </p>
        <p className={styles['detail']} title={status.detail}>
          {wearer !== undefined && <bdi>{wearer}</bdi>}
          {wearer !== undefined && status.detail !== '' && ' · '}
          {status.detail}
        </p>
        {!isPlain && (
          <div className={styles['lately']}>
            <Suspense fallback={null}>
              <Sparkline deviceId={id} />
            </Suspense>
          </div>
        )}
        {saturatedAt !== undefined && Date.now() - saturatedAt < SIGNAL_MS && (
          <span
            key={`saturated ${saturatedAt}`}
            className={styles['lamp']}
            style={{ animationDelay: `${saturatedAt - Date.now()}ms` }}
            aria-hidden
          />
        )}
        {press !== undefined && Date.now() - press.at < PRESS_MS && (
          <span key={press.at} className={styles['press']} data-kind={press.kind} aria-hidden />
        )}
        {isChosen !== undefined && <Choose device={device} isChosen={isChosen} onChoose={onChoose} />}
        {!isPlain && isChosen === undefined && (
          <span className={styles['menu']}>
            <DeviceMenu device={device} onCalibrate={isLive ? onCalibrate : undefined} />
          </span>
        )}
      </article>
    );
  },
  // The status is made anew every second.
  (before, after) =>
    before.device === after.device &&
    before.isLive === after.isLive &&
    before.onCalibrate === after.onCalibrate &&
    before.isChosen === after.isChosen &&
    before.wearer === after.wearer &&
    before.status.word === after.status.word &&
    before.status.detail === after.status.detail &&
    before.status.level === after.status.level,
);

/** When a sensor of it was last saturated: RCSP does not say which. */
function lastSaturation({ signals }: DeviceFacts): number | undefined {
  const { emf, gyr, acc } = signals?.times ?? {};
  const times = [emf, gyr, acc].flatMap((each) => each?.at(-1) ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

interface ChooseProps extends Pick<DeviceCardProps, 'device' | 'onChoose'> {
  readonly isChosen: boolean;
}

/** While devices are being selected, a press anywhere selects. */
function Choose({ device, isChosen, onChoose }: ChooseProps): JSX.Element {
  return (
    <label className={styles['choose']}>
      <input
        type="checkbox"
        checked={isChosen}
        aria-label={`Select ${deviceTitle(device)}`}
        onChange={() => onChoose?.(device.id)}
      />
    </label>
  );
}

type DeviceRowProps = Omit<DeviceCardProps, 'isPlain'>;

/** A device in one line, where there are many. */
export const DeviceRow = memo(
  function DeviceRow({ device, status, isLive, isChosen, onChoose, wearer }: DeviceRowProps): JSX.Element {
    const { id } = device;
    return (
      <article
        className={isLive ? styles['row'] : `${styles['row']} stale`}
        data-level={status.level}
        aria-labelledby={`device-${id}`}
      >
        <div className={styles['art']}>
          <Art device={device} level={status.level} />
        </div>
        <div>
          <h3 className={styles['name']}>
            <Link href={`/devices/${id}`} id={`device-${id}`} title={deviceTitle(device)}>
              {deviceTitle(device)}
            </Link>
          </h3>
          <p key={status.level} className={styles['status']} data-level={status.level}>
            <span>
              {status.word}
              {wearer !== undefined && <bdi> · {wearer}</bdi>}
            </span>
          </p>
        </div>
        <Icon name={signOf(device, status)} />
        {isChosen !== undefined && <Choose device={device} isChosen={isChosen} onChoose={onChoose} />}
      </article>
    );
  },
  (before, after) =>
    before.device === after.device &&
    before.isLive === after.isLive &&
    before.isChosen === after.isChosen &&
    before.wearer === after.wearer &&
    before.status.word === after.status.word &&
    before.status.level === after.status.level,
);

export function Art({
  device,
  level,
}: {
  readonly device: DeviceFacts;
  readonly level: DeviceStatus['level'];
}): JSX.Element {
  const { id, type, side, goneSince, job } = device;
  const led = useLedColour(id);
  const isUpdating = job?.state === 'running';
  const calm = level === 'none' ? 'ok' : level;
  const state: DeviceArtProps['state'] = isUpdating ? 'updating' : goneSince === undefined ? calm : 'gone';
  return (
    <DeviceArt
      type={type}
      side={side}
      state={state}
      led={led}
      percent={isUpdating ? (job.percent ?? undefined) : undefined}
    />
  );
}

function signOf({ job, goneSince }: DeviceFacts, { level }: DeviceStatus): IconName {
  if (job?.state === 'running') return 'update';
  return goneSince === undefined ? SIGNS[level] : 'gone';
}

const CONNECTION_ICONS: Readonly<Record<string, IconName>> = {
  Serial: 'wired',
  UDP: 'wireless',
  Emulated: 'emulated',
};

export function Connection({ of }: { readonly of: string }): JSX.Element {
  const label = connectionText(of);
  return (
    <span title={label}>
      <Icon name={CONNECTION_ICONS[of] ?? 'info'} size={18} />
      <span className="unseen">{label}</span>
    </span>
  );
}
