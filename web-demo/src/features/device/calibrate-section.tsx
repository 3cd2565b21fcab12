import { useState } from 'react';
import type { JSX } from 'react';
import { Button } from '../../components/button.js';
import { CalibrateDialog } from '../../components/calibrate-dialog.js';
import { useDevice } from '../../lib/studio.js';
import { agoText, clockText } from '../../lib/times.js';
import { useNow } from '../../lib/use-now.js';
import { useDeviceScope } from './device-scope.js';
import styles from './device.module.css';
import { Section } from './section.js';

export function CalibrateSection(): JSX.Element {
  const { id, blocked } = useDeviceScope();
  const [isOpen, setOpen] = useState(false);
  return (
    <Section
      title="Calibrate"
      hint="Whoever wears the device takes up the pose during the countdown, and holds still until it is done."
    >
      <div className={styles['row']}>
        <Button
          look="primary"
          icon="calibrate"
          disabled={blocked !== undefined}
          onClick={() => setOpen(true)}
        >
          Calibrate
        </Button>
        <LastCalibration />
      </div>
      {isOpen && <CalibrateDialog deviceIds={[id]} onClose={() => setOpen(false)} />}
    </Section>
  );
}

/** The calibration that the studio reported last, whoever started it. */
function LastCalibration(): JSX.Element {
  const { id } = useDeviceScope();
  const device = useDevice(id);
  const now = useNow(10_000);
  const calibrated = device?.calibrated;
  if (calibrated === undefined) {
    const since = device?.connectedAt;
    return (
      <span className="dim">
        {since === undefined
          ? 'No calibration was seen yet.'
          : `Not since it connected at ${clockText(since)}.`}
      </span>
    );
  }
  const { success, at } = calibrated;
  return (
    <strong role="status" className={styles[success ? 'good' : 'bad']}>
      {success
        ? `✓ Calibrated at ${clockText(at)}, ${agoText(now - at)}.`
        : `✗ The calibration failed at ${clockText(at)}.`}
    </strong>
  );
}
