import { useState } from 'react';
import type { JSX } from 'react';
import { Button } from '../../components/button.js';
import { useCopier } from '../../components/clipboard.js';
import type { Exchange } from '../../lib/gateway.js';
import { problemOf } from '../../lib/gateway.js';
import { ProblemAlert } from '../../components/problem-alert.js';
import { millisecondsText } from '../../lib/times.js';
import { JsonTree } from './json-tree.js';
import { statusMeaning } from './status-meaning.js';
import styles from './console.module.css';

/** The result of a call: an answer, or the error that prevented one. */
export type Result =
  | { readonly exchange: Exchange }
  | { readonly error: unknown; readonly durationMs: number };

export function AnswerView({ result }: { readonly result: Result }): JSX.Element {
  return (
    <section className={styles['stack']} aria-labelledby="console-answer">
      <h3 id="console-answer">Answer</h3>
      <div role="status">
        <Summary result={result} />
      </div>
      {'error' in result ? <ProblemAlert error={result.error} /> : <Body exchange={result.exchange} />}
    </section>
  );
}

function Summary({ result }: { readonly result: Result }): JSX.Element {
  if ('error' in result) return <span>No answer after {millisecondsText(result.durationMs)}</span>;
  const { status, durationMs, trackId, studioMs } = result.exchange;
  return (
    <span className={`${styles['row']} wrap-anywhere`}>
      <StatusBadge status={status} />
      <span>{statusMeaning(status)}</span>
      <span>{millisecondsText(durationMs)}</span>
      {studioMs !== null && <span className="dim">{millisecondsText(studioMs)} of it in the studio</span>}
      {trackId !== null && (
        <span className="dim">
          Track id <span className="mono">{trackId}</span>
        </span>
      )}
    </span>
  );
}

export function StatusBadge({ status }: { readonly status: number | null }): JSX.Element {
  return (
    <span className={styles['status']} data-level={status === null || status >= 400 ? 'bad' : 'ok'}>
      {status ?? 'No answer'}
    </span>
  );
}

function Body({ exchange }: { readonly exchange: Exchange }): JSX.Element {
  const { status, body } = exchange;
  return (
    <>
      {status >= 400 && <ProblemAlert error={problemOf(exchange)} />}
      {body !== null && <BodyText body={body} />}
    </>
  );
}

/** As a tree, or as the JSON that it is. */
function BodyText({ body }: { readonly body: unknown }): JSX.Element {
  const [isTree, setTree] = useState(true);
  const { copy, message, dialog } = useCopier('JSON', 'answer.json');
  const text = typeof body === 'string' ? body : JSON.stringify(body, null, 2);
  return (
    <>
      <div className={styles['row']}>
        <div role="group" aria-label="Show as" className={styles['languages']}>
          {[true, false].map((each) => (
            <button
              key={String(each)}
              type="button"
              aria-pressed={isTree === each}
              onClick={() => setTree(each)}
            >
              {each ? 'Tree' : 'JSON'}
            </button>
          ))}
        </div>
        <Button look="plain" icon="copy" onClick={() => copy(text, 'the answer')}>
          Copy
        </Button>
        <span role="status" className="dim">
          {message}
        </span>
      </div>
      <div className={`${styles.text} mono`} role="region" aria-label="Body of the answer" tabIndex={0}>
        {isTree && typeof body === 'object' ? <JsonTree value={body} /> : <pre>{text}</pre>}
      </div>
      {dialog}
    </>
  );
}
