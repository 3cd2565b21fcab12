import type { JSX, ReactNode } from 'react';
import { Button } from '../../components/button.js';
import { clockText } from '../../lib/times.js';
import { useDeviceScope } from './device-scope.js';
import styles from './device.module.css';
import { Elapsed } from './elapsed.js';
import { Failure, Section } from './section.js';
import { Figures } from './self-test-drawings.js';
import { measurements } from './self-test-fields.js';
import type { Measurement } from './self-test-fields.js';
import { judge } from './self-test-verdict.js';
import { useSelfTest } from './use-self-test.js';

export function SelfTestSection(): JSX.Element {
  const { blocked } = useDeviceScope();
  const test = useSelfTest();
  return (
    <Section title="Self test" hint="Lay the device down and leave it still: the test takes seconds.">
      <div className={styles['row']}>
        <Button
          icon="test"
          isBusy={test.isFetching}
          disabled={blocked !== undefined}
          onClick={() => void test.refetch()}
        >
          Run self test
        </Button>
        <span role="status">
          {blocked ??
            (test.isFetching ? (
              <>
                The device tests itself… <Elapsed />
              </>
            ) : test.data !== undefined ? (
              `Measured at ${clockText(test.dataUpdatedAt)}.`
            ) : (
              ''
            ))}
        </span>
      </div>
      {test.error !== null && !test.isFetching && <Failure error={test.error} />}
      {test.data !== undefined && <Results answer={test.data} />}
    </Section>
  );
}

function Results({ answer }: { readonly answer: Readonly<Record<string, unknown>> }): JSX.Element {
  const { ofDevice, ofSensors } = measurements(answer);
  const { isGood, sentences } = judge(answer);
  return (
    <>
      <p className={styles['verdict']} data-level={isGood ? 'ok' : 'warn'}>
        <strong>{sentences[0]}</strong> {sentences.slice(1).join(' ')}
      </p>
      <p className={styles['hint']}>
        The limits are those of this page: the studio measures, and does not judge.
      </p>
      <details className={styles['fold']}>
        <summary>All measurements</summary>
        <p className={styles['hint']}>
          Each kind of drawing is to one scale. In tables, blue is above zero and orange is below.
        </p>
        {ofDevice.length > 0 && (
          <Kind title="The device as a whole">
            <Figures of={ofDevice} />
          </Kind>
        )}
        {ofSensors.map((measurement) => (
          <Kind key={measurement.key} title={titleOf(measurement)}>
            <Figures of={[measurement]} />
          </Kind>
        ))}
      </details>
    </>
  );
}

function titleOf({ title, unit }: Measurement): string {
  return unit === '' ? title : `${title} (${unit})`;
}

function Kind({ title, children }: { readonly title: string; readonly children: ReactNode }): JSX.Element {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
