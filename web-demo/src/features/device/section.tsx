/** Parts that the sections of the device view share. */
import { useEffect, useId, useRef, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { Button } from '../../components/button.js';
import { ProblemAlert } from '../../components/problem-alert.js';
import { clockText } from '../../lib/times.js';
import { useDeviceScope } from './device-scope.js';
import styles from './device.module.css';
import { isUnsupported } from './use-setting.js';

interface SectionProps {
  readonly title: string;
  readonly hint?: ReactNode;
  /** Beside the title. */
  readonly aside?: ReactNode;
  /** Within another section: a smaller heading, and no card of its own. */
  readonly isInner?: boolean;
  readonly children: ReactNode;
}

export function Section({ title, hint, aside, isInner = false, children }: SectionProps): JSX.Element {
  const id = useId();
  const Heading = isInner ? 'h3' : 'h2';
  return (
    <section aria-labelledby={id} className={isInner ? styles['inner'] : styles['section']}>
      <div className={styles['sectionHead']}>
        <Heading id={id}>{title}</Heading>
        {aside}
      </div>
      {hint !== undefined && <p className={styles['hint']}>{hint}</p>}
      {children}
    </section>
  );
}

/** What is drawn, and read, only once it comes near the screen. */
export function WhenNear({
  isAtOnce,
  children,
}: {
  readonly isAtOnce: boolean;
  readonly children: ReactNode;
}): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(isAtOnce);
  useEffect(() => {
    if (isNear || place.current === null) return undefined;
    const observer = new IntersectionObserver(
      (entries) => entries.some(({ isIntersecting }) => isIntersecting) && setNear(true),
      { rootMargin: '300px' },
    );
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [isNear]);
  return isNear || isAtOnce ? <>{children}</> : <div ref={place} className={styles['later']} />;
}

export function Unsupported(): JSX.Element {
  return <p>This device does not do that.</p>;
}

interface FailureProps {
  readonly error: unknown;
  readonly onClose?: () => void;
}

/** The failure of a command. An unsupported command is not an error. */
export function Failure({ error, onClose }: FailureProps): JSX.Element {
  return isUnsupported(error) ? <Unsupported /> : <ProblemAlert error={error} onClose={onClose} />;
}

interface ReadProps<T> {
  readonly reading: {
    readonly data: T | undefined;
    readonly dataUpdatedAt: number;
    readonly error: unknown;
    readonly isFetching: boolean;
    readonly refetch: () => unknown;
  };
  readonly children: (data: T) => ReactNode;
}

/** Shows what was read, or why there is nothing. Without a connection it is the last that was read, greyed. */
export function Read<T>({ reading, children }: ReadProps<T>): JSX.Element {
  const { blocked } = useDeviceScope();
  const { data, dataUpdatedAt, error, isFetching } = reading;
  if (isUnsupported(error)) return <Unsupported />;
  return (
    <>
      {data !== undefined && blocked !== undefined && (
        <p className={styles['hint']}>As of {clockText(dataUpdatedAt)}</p>
      )}
      {data !== undefined && (
        <div className={blocked === undefined ? undefined : styles['old']}>{children(data)}</div>
      )}
      {error !== null && blocked === undefined && (
        <>
          {data !== undefined && (
            <p>It could not be read again; this is how it was at {clockText(dataUpdatedAt)}.</p>
          )}
          <ProblemAlert error={error} />
          <p>
            <Button isBusy={isFetching} onClick={() => void reading.refetch()}>
              Retry
            </Button>
          </p>
        </>
      )}
      {data === undefined && (error === null || blocked !== undefined) && <NothingYet />}
    </>
  );
}

function NothingYet(): JSX.Element {
  const { blocked } = useDeviceScope();
  if (blocked !== undefined) return <p className="dim">Not read yet. {blocked}</p>;
  return (
    <p className={styles['reading']} role="status">
      Reading…
    </p>
  );
}
