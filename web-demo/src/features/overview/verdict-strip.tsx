import { useState } from 'react';
import type { JSX } from 'react';
import { Link } from 'wouter';
import { Button } from '../../components/button.js';
import { Icon } from '../../components/icon.js';
import ui from '../../components/ui.module.css';
import { useMay } from '../../lib/access.js';
import type { Action, Reason, Verdict } from '../../lib/verdict.js';
import styles from './overview.module.css';

/** Reasons that are named at once. */
const MAX_REASONS = 3;
const SIGNS = { ok: 'ok', warn: 'warn', bad: 'bad', none: 'more' } as const;

interface VerdictStripProps {
  readonly verdict: Verdict;
  /** Undefined while no command can be sent. */
  readonly onCalibrate: ((deviceIds: readonly number[]) => void) | undefined;
}

/** Can we roll? And if not, why, and what to do. */
export function VerdictStrip({ verdict, onCalibrate }: VerdictStripProps): JSX.Element {
  const { level, title, summary, reasons } = verdict;
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? reasons : reasons.slice(0, MAX_REASONS);
  const rest = reasons.length - shown.length;
  return (
    <section className={styles['strip']} data-level={level} aria-label="Readiness">
      <span className={styles['sign']} aria-hidden>
        <Icon name={SIGNS[level]} size="1.9rem" />
      </span>
      <div className={styles['body']}>
        <div className={styles['head']}>
          <h2 role="status">{title}</h2>
          <p>{summary}</p>
        </div>
        {reasons.length > 0 && (
          <ul className={styles['reasons']} data-whole={isWhole || undefined}>
            {shown.map((reason) => (
              <ReasonItem
                key={`${reason.label} ${keyOf(reason.action)}`}
                reason={reason}
                onCalibrate={onCalibrate}
              />
            ))}
            {(rest > 0 || isWhole) && reasons.length > MAX_REASONS && (
              <li>
                <Button look="plain" onClick={() => setWhole(!isWhole)} aria-expanded={isWhole}>
                  {isWhole ? 'Fewer' : `${rest} more`}
                </Button>
              </li>
            )}
          </ul>
        )}
      </div>
    </section>
  );
}

function keyOf(action: Action): string {
  if (action.kind === 'open') return `${action.deviceId} ${action.anchor ?? ''}`;
  return action.kind === 'calibrate' ? action.deviceIds.join(' ') : '';
}

interface ReasonItemProps {
  readonly reason: Reason;
  readonly onCalibrate: VerdictStripProps['onCalibrate'];
}

function ReasonItem({ reason: { level, text, label, action }, onCalibrate }: ReasonItemProps): JSX.Element {
  const may = useMay('control');
  return (
    <li className={styles['reason']} data-level={level}>
      <Icon name={level} />
      <span title={text}>{text}</span>
      {action.kind === 'calibrate' ? (
        <Button
          disabled={onCalibrate === undefined}
          title={may.reason}
          onClick={() => onCalibrate?.(action.deviceIds)}
        >
          {label}
        </Button>
      ) : (
        <Link href={hrefOf(action)} className={ui['button'] ?? ''} aria-label={`${label}: ${text}`}>
          {label}
        </Link>
      )}
    </li>
  );
}

function hrefOf(action: Exclude<Action, { kind: 'calibrate' }>): string {
  if (action.kind === 'firmware') return '/firmware';
  return `/devices/${action.deviceId}${action.anchor === undefined ? '' : `/${action.anchor}`}`;
}
