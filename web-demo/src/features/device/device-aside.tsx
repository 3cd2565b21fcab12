import { useEffect, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { Button } from '../../components/button.js';
import { DeviceArt } from '../../components/device-art.js';
import type { SensorState } from '../../lib/sensor-state.js';
import { findDevice } from '../../components/find-device.js';
import { Icon } from '../../components/icon.js';
import type { IconName } from '../../components/icon.js';
import { ProblemAlert } from '../../components/problem-alert.js';
import ui from '../../components/ui.module.css';
import { deviceTitle } from '../../lib/device-title.js';
import { useLedColour } from '../../lib/led-memory.js';
import { useDevices, useStudio } from '../../lib/studio.js';
import { useNow } from '../../lib/use-now.js';
import { statusOf } from '../../lib/device-status.js';
import type { DeviceFacts } from '../../lib/device-status.js';
import { ColourWell } from './colour-well.js';
import { useDeviceScope } from './device-scope.js';
import styles from './device.module.css';
import { NameField } from './name-field.js';
import { judge } from './self-test-verdict.js';
import { sensorFacts } from './sensor-facts.js';
import type { SensorFact } from './sensor-facts.js';
import { useSelfTest } from './use-self-test.js';
import { useMeasurement } from './use-setting.js';

const SIGNS = { none: 'more', ok: 'ok', todo: 'warn', warn: 'warn', bad: 'bad' } as const satisfies Record<
  string,
  IconName
>;
const CONNECTIONS: Readonly<Record<string, string>> = { UDP: 'Wireless', Serial: 'Wired' };

/** The device itself: its picture, name and state, beside whatever is done with it. */
export function DeviceAside({ device }: { readonly device: DeviceFacts }): JSX.Element {
  const now = useNow();
  const status = statusOf(device, now);
  const { id, type, connection, side } = device;
  const led = useLedColour(id);
  const { data } = useSelfTest();
  const [chosen, setChosen] = useState<string>();
  // Read where the sensors are listed; here only what is known of them.
  const firmware = useMeasurement('sensors', (client, DeviceId) =>
    client.call('ReadSensorFwInfo', { DeviceId }),
  );
  const sensors = data === undefined ? [] : sensorFacts(judge(data).sensors, firmware.data?.Sensors);
  const isUpdating = device.job?.state === 'running';
  const state = isUpdating
    ? 'updating'
    : device.goneSince !== undefined
      ? 'gone'
      : status.level === 'none'
        ? 'ok'
        : status.level;
  const sensor = sensors.find(({ place }) => place === chosen);
  const { blocked } = useDeviceScope();
  const picture = (colour: string | undefined): ReactNode => (
    <DeviceArt
      type={type}
      side={side}
      state={state}
      led={colour}
      percent={isUpdating ? (device.job.percent ?? undefined) : undefined}
      sensors={statesOf(sensors)}
      label={pictureText(device, sensors)}
      onSensor={setChosen}
    />
  );
  return (
    <aside className={styles['aside']} aria-label="Device">
      <Neighbours id={id} />
      {device.commands?.has('SetColorLed') === true ? (
        <ColourWell led={led} isOff={blocked !== undefined}>
          {picture}
        </ColourWell>
      ) : (
        <div className={styles['picture']}>{picture(led)}</div>
      )}
      {sensor !== undefined && <p className={styles['hint']}>{sensor.text}</p>}
      <NameField />
      <p className={styles['status']} data-level={isUpdating ? 'info' : status.level} role="status">
        <Icon name={isUpdating ? 'update' : SIGNS[status.level]} />
        <span>
          <strong>{status.word}</strong>
          {status.detail !== '' && <span className="dim"> {status.detail}</span>}
        </span>
      </p>
      <p className={styles['hint']}>
        {type} · {CONNECTIONS[connection] ?? connection} · device {id}
      </p>
      <FindMe device={device} />
    </aside>
  );
}

/** The device before and after, also by the arrow keys. */
function Neighbours({ id }: { readonly id: number }): JSX.Element {
  const all = useDevices() ?? [];
  const [, go] = useLocation();
  const at = all.findIndex((each) => each.id === id);
  const [before, after] = [all[at - 1], all[at + 1]];
  useEffect(() => {
    const onKey = ({ key, target, ctrlKey, metaKey, altKey }: KeyboardEvent): void => {
      const isElsewhere =
        ctrlKey ||
        metaKey ||
        altKey ||
        (target instanceof HTMLElement && target.closest(TAKES_ARROWS) !== null);
      const next = key === 'ArrowLeft' ? before : key === 'ArrowRight' ? after : undefined;
      if (!isElsewhere && next !== undefined) go(`/devices/${next.id}`);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [before, after, go]);
  return (
    <nav className={styles['neighbours']} aria-label="Other devices">
      <Link href="/" className={`${ui['button']} ${ui['plain']}`}>
        All devices
      </Link>
      <span className={styles['push']} />
      {before !== undefined && (
        <Link
          href={`/devices/${before.id}`}
          className={`${ui['button']} ${ui['plain']} ${ui['square']}`}
          aria-label={`Before: ${deviceTitle(before)}`}
          title={`${deviceTitle(before)} (←)`}
        >
          <Icon name="back" />
        </Link>
      )}
      {after !== undefined && (
        <Link
          href={`/devices/${after.id}`}
          className={`${ui['button']} ${ui['plain']} ${ui['square']}`}
          aria-label={`Next: ${deviceTitle(after)}`}
          title={`${deviceTitle(after)} (→)`}
        >
          <Icon name="forward" />
        </Link>
      )}
    </nav>
  );
}

/** What uses the arrow keys itself. */
const TAKES_ARROWS =
  'input, textarea, select, dialog, [role="slider"], [role="menu"], [role="log"], [role="region"], [contenteditable]';

function FindMe({ device }: { readonly device: DeviceFacts }): JSX.Element | null {
  const { client } = useStudio();
  const { blocked } = useDeviceScope();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  // Until it is known whether the device has LEDs, the button has its place.
  const isKnown = device.commands !== undefined;
  if (isKnown && !device.commands.has('SetLedBehavior')) return null;
  const find = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    await findDevice(client, device.id).catch(setProblem);
    setBusy(false);
  };
  return (
    <>
      <Button
        icon="find"
        isBusy={isBusy}
        disabled={!isKnown || blocked !== undefined}
        onClick={() => void find()}
      >
        {isBusy ? 'Blinking…' : 'Find me'}
      </Button>
      {problem !== undefined && <ProblemAlert error={problem} onClose={() => setProblem(undefined)} />}
    </>
  );
}

function statesOf(sensors: readonly SensorFact[]): ReadonlyMap<string, SensorState> {
  return new Map(sensors.map(({ place, state }) => [place, state]));
}

function pictureText(device: DeviceFacts, sensors: readonly SensorFact[]): string {
  const bad = sensors.filter(({ state }) => state !== 'ok');
  const tested = sensors.length === 0 ? '' : `, ${sensors.length} sensors tested`;
  const worst = bad.length === 0 ? '' : `: ${bad.map(({ place }) => place).join(', ')} remarkable`;
  return `${deviceTitle(device)}, ${device.type}${tested}${worst}`;
}
