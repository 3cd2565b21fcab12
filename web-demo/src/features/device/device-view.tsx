import { useEffect, useMemo, useRef } from 'react';
import type { JSX, ReactNode } from 'react';
import { Link } from 'wouter';
import { Locked, LockNotice, Said } from '../../components/locked.js';
import { Notice } from '../../components/notice.js';
import { useMay, useMayRead } from '../../lib/access.js';
import type { Scope } from '../../lib/access.js';
import { deviceTitle } from '../../lib/device-title.js';
import { useDevices, useIsLive } from '../../lib/studio.js';
import { clockText } from '../../lib/times.js';
import { useFacts } from '../../lib/use-facts.js';
import type { DeviceFacts } from '../../lib/device-status.js';
import { AboutDevice } from './about-device.js';
import { ButtonPresses } from './button-presses.js';
import { CalibrateSection } from './calibrate-section.js';
import { DeviceAside } from './device-aside.js';
import { DeviceScopeContext } from './device-scope.js';
import styles from './device.module.css';
import { FirmwareSection } from './firmware-section.js';
import { LightSection } from './light-section.js';
import { LogTail } from './log-tail.js';
import { Section, WhenNear } from './section.js';
import { SelfTestSection } from './self-test-section.js';
import { SensorsSection } from './sensors-section.js';
import { SetupSection } from './setup-section.js';
import { UpdatePanel } from './update-panel.js';
import { useOffer } from './use-setting.js';
import { WifiSection } from './wifi-section.js';

interface DeviceViewProps {
  readonly deviceId: number;
  /** The part that the address names. */
  readonly part?: string | undefined;
}

/** Everything about one device, in one scroll. */
export function DeviceView({ deviceId, part }: DeviceViewProps): JSX.Element {
  const devices = useDevices();
  const isLive = useIsLive();
  const device = useFacts()?.find(({ id }) => id === deviceId);
  if (device !== undefined) return <KnownDevice device={device} part={part} />;
  return (
    <>
      <h1>Device {deviceId}</h1>
      <p>
        {devices !== undefined
          ? 'The studio has no such device.'
          : isLive
            ? 'Asking the studio…'
            : 'Not known: the studio has not answered yet.'}{' '}
        <Link href="/">All devices</Link>
      </p>
    </>
  );
}

interface KnownDeviceProps {
  readonly device: DeviceFacts;
  readonly part: string | undefined;
}

function KnownDevice({ device, part }: KnownDeviceProps): JSX.Element {
  const { id, goneSince, job } = device;
  const isLive = useIsLive();
  const name = deviceTitle(device);
  const isUpdating = job?.state === 'running';
  const may = useMay('control');
  const blocked = !isLive
    ? 'There is no connection.'
    : goneSince !== undefined
      ? 'The device is gone.'
      : isUpdating
        ? 'The device is being updated.'
        : undefined;
  const scope = useMemo(() => ({ id, name, blocked }), [id, name, blocked]);
  return (
    <DeviceScopeContext value={scope}>
      <Said may={may}>
        <div className={styles['device']}>
          <Locked scope="control">
            <DeviceAside device={device} />
          </Locked>
          <div className={styles['main']}>
            {isUpdating ? (
              <UpdatePanel job={job} />
            ) : (
              <>
                {goneSince !== undefined && (
                  <Notice level="bad" role="alert" title={`${name} is gone`}>
                    <p>
                      It went at {clockText(goneSince)}. What you see is how things stood then; nothing can be
                      sent until it is back.
                    </p>
                  </Notice>
                )}
                <LockNotice may={may} />
                <Parts device={device} part={part} />
              </>
            )}
          </div>
          <div className={styles['activity']} id="activity">
            <Section title="Activity">
              <LogTail />
              <ButtonPresses />
            </Section>
          </div>
        </div>
      </Said>
    </DeviceScopeContext>
  );
}

interface Part {
  readonly key: string;
  readonly title: string;
  /** It is drawn when the device offers one of them; always without any. */
  readonly commands: readonly string[];
  /** What all of it needs. */
  readonly scope: Scope;
  readonly content: (device: DeviceFacts, offer: ReadonlySet<string>) => ReactNode;
}

const PARTS: readonly Part[] = [
  {
    key: 'setup',
    title: 'Setup',
    scope: 'control',
    commands: ['GetFrameRate', 'GetEmfChannel', 'GetMagnetometerCalOffset'],
    content: (_, offer) => <SetupSection offer={offer} />,
  },
  {
    key: 'calibrate',
    title: 'Calibrate',
    scope: 'control',
    commands: ['CalibrateStaticPose'],
    content: () => <CalibrateSection />,
  },
  {
    key: 'light',
    title: 'Light',
    scope: 'control',
    commands: ['SetColorLed', 'SetLedBehavior'],
    content: (_, offer) => <LightSection offer={offer} />,
  },
  {
    key: 'wifi',
    title: 'Wi-Fi',
    scope: 'read',
    commands: ['GetNetworkConfiguration'],
    content: () => <Wifi />,
  },
  {
    key: 'self-test',
    title: 'Self test',
    scope: 'control',
    commands: ['RunSelfTest'],
    content: () => <SelfTestSection />,
  },
  {
    key: 'sensors',
    title: 'Sensors',
    scope: 'read',
    commands: ['ReadSensorFwInfo'],
    content: () => <SensorsSection />,
  },
  {
    key: 'firmware',
    title: 'Firmware',
    scope: 'read',
    commands: [],
    content: (device) => <FirmwareSection device={device} />,
  },
  { key: 'about', title: 'About', scope: 'read', commands: [], content: () => <AboutDevice /> },
];

/** The settings hold the key of the network: reading them needs as much as changing them. */
function Wifi(): JSX.Element {
  const may = useMayRead('admin');
  if (!may.isAllowed) {
    return (
      <Section title="Wi-Fi">
        <LockNotice may={may} />
      </Section>
    );
  }
  return (
    <Locked scope="admin">
      <WifiSection />
    </Locked>
  );
}

function Parts({ device, part }: KnownDeviceProps): JSX.Element {
  const offer = useOffer();
  if (offer === undefined) {
    return (
      <p className={styles['asking']} role="status">
        Reading what the device offers…
      </p>
    );
  }
  const parts = PARTS.filter(
    ({ commands }) => commands.length === 0 || commands.some((each) => offer.has(each)),
  );
  return (
    <>
      <nav className={styles['jumps']} aria-label="Parts of the device">
        {parts.map(({ key, title }) => (
          <Link
            key={key}
            href={`/devices/${device.id}/${key}`}
            aria-current={part === key ? 'true' : undefined}
          >
            {title}
          </Link>
        ))}
        <Link href={`/devices/${device.id}/activity`}>Activity</Link>
      </nav>
      <ScrollTo part={part} />
      {parts.map(({ key, scope, content }, index) => (
        <div key={key} id={key} className={styles['part']}>
          <WhenNear isAtOnce={index < 2 || key === part}>
            <Locked scope={scope}>{content(device, offer)}</Locked>
          </WhenNear>
        </div>
      ))}
    </>
  );
}

/** How long the named part is kept in place while the parts above it grow. */
const SETTLE_MS = 2000;

/** Scrolls to the part that the address names, until the user scrolls. */
function ScrollTo({ part }: { readonly part: string | undefined }): JSX.Element {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const target = part === undefined ? null : document.getElementById(part);
    if (target === null) return undefined;
    const scroll = (): void => target.scrollIntoView({ block: 'start' });
    scroll();
    const observer = new ResizeObserver(scroll);
    const around = place.current?.parentElement;
    if (around != null) observer.observe(around);
    const end = (): void => observer.disconnect();
    const timer = setTimeout(end, SETTLE_MS);
    const events = ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const;
    for (const name of events) addEventListener(name, end, { passive: true });
    return () => {
      clearTimeout(timer);
      end();
      for (const name of events) removeEventListener(name, end);
    };
  }, [part]);
  return <span ref={place} hidden />;
}
