import { useEffect } from 'react';
import type { JSX } from 'react';
import { Button } from '../../components/button.js';
import { useCopier } from '../../components/clipboard.js';
import styles from './console.module.css';

/** The request as a curl command line. */
export function CurlView({
  line,
  hasToken,
}: {
  readonly line: string;
  readonly hasToken: boolean;
}): JSX.Element {
  const { copy, message, clearMessage, dialog } = useCopier('curl line');
  // The message about a copy applies to the previous line.
  useEffect(clearMessage, [clearMessage, line]);
  return (
    <section className={styles['stack']} aria-labelledby="console-curl">
      <div className={styles['row']}>
        <h3 id="console-curl">As a curl line</h3>
        <Button icon="copy" onClick={() => copy(line, 'the line')}>
          Copy the line
        </Button>
        <span role="status" className="dim">
          {message}
        </span>
      </div>
      <pre
        className={`${styles['text']} ${styles['line']} mono`}
        role="region"
        aria-label="curl line"
        tabIndex={0}
      >
        {line}
      </pre>
      {hasToken && <p className="dim">Put your token into the shell’s variable TOKEN before.</p>}
      {dialog}
    </section>
  );
}
