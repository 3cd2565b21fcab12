import { Button, Group, Loader, Modal, Stack, Text, VisuallyHidden } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { JSX } from 'react';
import { useDevice } from '../../lib/studio.js';
import { clockText } from '../../lib/times.js';
import { useFocusBack } from '../../lib/use-focus-back.js';
import { useDeviceScope } from './device-scope.js';
import styles from './device.module.css';
import { Elapsed } from './elapsed.js';
import { Failure, Section, Unsupported } from './section.js';
import { useSending, useSupports } from './use-setting.js';

/** Time for the wearer to take up the pose. */
const COUNTDOWN_S = 5;

export function CalibrationSection(): JSX.Element {
  const supports = useSupports('CalibrateStaticPose');
  return (
    <Section
      title="Static pose"
      hint="Whoever wears the device takes up the pose during the countdown, and holds still until it is done."
    >
      {supports === false ? <Unsupported /> : <Calibration />}
    </Section>
  );
}

function Calibration(): JSX.Element {
  const { blocked } = useDeviceScope();
  const [isCounting, setCounting] = useState(false);
  const calibrating = useSending((client, DeviceId, _: undefined) =>
    client.call('CalibrateStaticPose', { DeviceId }),
  );
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <Button
          loading={calibrating.isPending}
          disabled={blocked !== undefined}
          onClick={() => {
            calibrating.reset();
            setCounting(true);
          }}
        >
          Calibrate
        </Button>
        <Group gap="xs" role="status">
          {calibrating.isPending && <Loader size="xs" aria-hidden />}
          <Text size="sm">
            {blocked ??
              (calibrating.isPending ? (
                <>
                  Calibrating: hold still… <Elapsed />
                </>
              ) : (
                ''
              ))}
          </Text>
        </Group>
      </Group>
      {calibrating.error !== null && <Failure error={calibrating.error} onClose={calibrating.reset} />}
      <LastCalibration />
      {isCounting && (
        <Countdown
          onEnd={(isCompleted) => {
            setCounting(false);
            if (isCompleted) calibrating.mutate(undefined);
          }}
        />
      )}
    </Stack>
  );
}

/** The calibration that the studio reported last, whoever started it. */
function LastCalibration(): JSX.Element {
  const { id } = useDeviceScope();
  const calibrated = useDevice(id)?.calibrated;
  if (calibrated === undefined) return <Text>Not calibrated since this page was opened.</Text>;
  const { success, at } = calibrated;
  return (
    <Text role="status" fw={600}>
      {success ? `✓ Calibrated at ${clockText(at)}.` : `✗ The calibration failed at ${clockText(at)}.`}
    </Text>
  );
}

interface CountdownProps {
  /** True when the countdown ended, false when it was cancelled. */
  readonly onEnd: (isCompleted: boolean) => void;
}

function Countdown({ onEnd }: CountdownProps): JSX.Element {
  const { name, blocked } = useDeviceScope();
  const [seconds, setSeconds] = useState(COUNTDOWN_S);
  useFocusBack();
  useEffect(() => {
    if (blocked !== undefined) return onEnd(false);
    if (seconds === 0) return onEnd(true);
    const timer = setTimeout(() => setSeconds(seconds - 1), 1000);
    return () => clearTimeout(timer);
    // `onEnd` is left out: a new callback must not restart the second.
  }, [seconds, blocked]);
  return (
    <Modal
      opened
      onClose={() => onEnd(false)}
      title={`Calibrating ${name}`}
      closeButtonProps={{ 'aria-label': 'Cancel and close' }}
      transitionProps={{ duration: 0 }}
      className="wrap-anywhere"
      styles={{ title: { lineHeight: 1.35 } }}
      centered
    >
      <Stack>
        <Text ta="center">Take up the pose. The calibration begins in</Text>
        <div className={styles['countdown']} aria-hidden>
          {seconds}
        </div>
        <VisuallyHidden role="status" aria-live="assertive">
          The calibration begins in {seconds} {seconds === 1 ? 'second' : 'seconds'}.
        </VisuallyHidden>
        <Button variant="default" onClick={() => onEnd(false)} data-autofocus>
          Cancel
        </Button>
      </Stack>
    </Modal>
  );
}
