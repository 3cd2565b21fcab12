import { useEffect, useMemo, useState } from 'react';
import type { JSX } from 'react';
import { Link } from 'wouter';
import { Button } from '../../components/button.js';
import { LockNotice } from '../../components/locked.js';
import { Notice } from '../../components/notice.js';
import { scopeOf, useMay } from '../../lib/access.js';
import { rememberCurl } from '../../lib/last-curl.js';
import { gatewayUrl, storedToken } from '../../lib/stored-token.js';
import { useDevices, useIsLive } from '../../lib/studio.js';
import { AnswerView } from './answer-view.js';
import { CodeView } from './code-view.js';
import { ConfirmSend, mustConfirm } from './confirm-send.js';
import type { Call } from './history.js';
import type { JsonObject } from './json.js';
import { below } from './json.js';
import { keepPane, keptPane } from './kept-panes.js';
import type { Operation } from './operations.js';
import { Prose } from './prose.js';
import { curlLine, deviceOf, pruned, requestOf, withDevice } from './request.js';
import type { Preferences } from './request.js';
import { SchemaForm } from './schema-form.js';
import { useSend } from './use-send.js';
import { violationsOf } from './violations.js';
import type { Violation } from './violations.js';
import styles from './console.module.css';

interface CommandPaneProps {
  readonly operation: Operation;
  /** A call whose request is restored into the form. */
  readonly restored: Call | undefined;
  readonly onCall: (call: Call) => void;
}

/** One command: form, answer, and the request as code. */
export function CommandPane({ operation, restored, onCall }: CommandPaneProps): JSX.Element {
  const { data, setData, fillIn } = useFormData(operation, restored);
  const [preferences, setPreferences] = useState<Preferences>({ wait: undefined, isAsync: operation.isJob });
  const [isAsking, setAsking] = useState(false);
  const { send, isSending, result } = useSend(operation, onCall);
  const isLive = useIsLive();
  const may = useMay(scopeOf(operation.scope));
  const request = requestOf(operation, data, preferences);
  const url = gatewayUrl(request.path).replaceAll(/%7B(\w+)%7D/g, '{$1}');
  const hasToken = storedToken() !== null;
  const missing = useMemo(
    () => violationsOf(pruned(data, operation.schema), operation.schema),
    [data, operation],
  );
  const curl = curlLine(request, url, hasToken);
  const sendNow = (): void => {
    setAsking(false);
    rememberCurl(curl);
    void send(request, data);
  };
  return (
    <article className={styles['pane']} aria-labelledby="console-command">
      <div className={styles['stack']}>
        <Heading operation={operation} />
        <LockNotice may={may} />
        {restored?.isPartial === true && (
          <Notice level="info" title="Not all of it is back" role="status">
            <p>Keys and passwords are not kept: fill them in again.</p>
          </Notice>
        )}
        <SchemaForm
          schema={operation.schema}
          data={data}
          onChange={setData}
          onSubmit={() => (mustConfirm(operation) ? setAsking(true) : sendNow())}
        >
          <PreferenceFields operation={operation} preferences={preferences} onChange={setPreferences} />
          <div className={styles['row']}>
            <Button
              type="submit"
              look="primary"
              isBusy={isSending}
              disabled={!isLive || !may.isAllowed}
              title="Ctrl Enter"
            >
              Send {operation.id}
            </Button>
            {fillIn !== undefined && <Button onClick={fillIn}>Fill in the example</Button>}
            <span className="dim" role="status">
              {!isLive
                ? 'The studio is not connected: nothing can be sent.'
                : may.isAllowed
                  ? readiness(missing)
                  : may.reason}
            </span>
          </div>
        </SchemaForm>
      </div>
      <div className={styles['stack']}>
        {result !== undefined && <AnswerView result={result} />}
        <CodeView
          operation={operation}
          data={data}
          request={request}
          url={url}
          baseUrl={gatewayUrl('')}
          needsToken={hasToken}
        />
      </div>
      <ConfirmSend
        operation={operation}
        deviceId={deviceOf(data)}
        isOpen={isAsking}
        onCancel={() => setAsking(false)}
        onSend={sendNow}
      />
    </article>
  );
}

function readiness(faults: readonly Violation[]): string {
  if (faults.length === 0) return 'Ready to send.';
  const names = (list: readonly Violation[]): string => list.map(({ path }) => path.join('.')).join(', ');
  const missing = faults.filter(({ isMissing }) => isMissing);
  const wrong = faults.filter(({ isMissing }) => !isMissing);
  return [
    ...(missing.length === 0 ? [] : [`${names(missing)} ${missing.length === 1 ? 'is' : 'are'} missing.`]),
    ...(wrong.length === 0 ? [] : [`${names(wrong)} ${wrong.length === 1 ? 'does' : 'do'} not fit.`]),
  ].join(' ');
}

function Heading({ operation }: { readonly operation: Operation }): JSX.Element {
  const { id, method, path, scope, summary, description, isDiscovered } = operation;
  return (
    <header className={styles['heading']}>
      <Link href="/console" className={styles['all']}>
        All commands
      </Link>
      <h2 id="console-command" className="wrap-anywhere">
        {id}
      </h2>
      <p className={styles['row']}>
        <span className={styles['tag']}>{scope}</span>
        {isDiscovered && <span className={styles['tag']}>Discovered</span>}
        <span className="mono wrap-anywhere">
          {method} {path}
        </span>
      </p>
      {!isDiscovered && (
        <p>
          <strong>{summary}</strong>
        </p>
      )}
      {description.split('\n\n').map((paragraph) => (
        <p key={paragraph}>
          <Prose text={paragraph} />
        </p>
      ))}
    </header>
  );
}

interface PreferenceFieldsProps {
  readonly operation: Operation;
  readonly preferences: Preferences;
  readonly onChange: (preferences: Preferences) => void;
}

function PreferenceFields({ operation, preferences, onChange }: PreferenceFieldsProps): JSX.Element {
  const { wait, isAsync } = preferences;
  const usual = operation.timeoutMs === undefined ? undefined : operation.timeoutMs / 1000;
  return (
    <>
      {operation.isJob && (
        <label className={styles['flag']}>
          <input
            type="checkbox"
            checked={isAsync}
            onChange={({ currentTarget }) => onChange({ ...preferences, isAsync: currentTarget.checked })}
          />
          Do not wait: follow it as a job
        </label>
      )}
      <label className={styles['field']}>
        Timeout (s)
        <input
          className={`${styles['input']} ${styles['short']}`}
          inputMode="numeric"
          placeholder={usual === undefined ? '' : String(usual)}
          value={wait ?? ''}
          onChange={({ currentTarget }) => {
            const seconds = Number(currentTarget.value);
            onChange({
              ...preferences,
              wait: Number.isInteger(seconds) && seconds > 0 ? seconds : undefined,
            });
          }}
        />
      </label>
    </>
  );
}

/** The form's data: the restored call, with a device preselected once one is known. */
function useFormData(
  { id, schema, example }: Operation,
  restored: Call | undefined,
): {
  readonly data: JsonObject;
  readonly setData: (data: JsonObject) => void;
  /** Undefined when there is no example. */
  readonly fillIn: (() => void) | undefined;
} {
  const devices = useDevices()?.filter(({ goneSince }) => goneSince === undefined);
  const first = devices?.[0]?.id;
  const preselected = (data: JsonObject): JsonObject =>
    first === undefined ? data : withDevice(data, schema, first);
  const [data, setData] = useState(() =>
    restored === undefined ? preselected(keptPane(id).data ?? {}) : restored.data,
  );
  useEffect(() => keepPane(id, { data }), [id, data]);
  useEffect(() => {
    if (restored === undefined && first !== undefined) setData((known) => withDevice(known, schema, first));
  }, [restored, schema, first]);
  const fillIn = (): void => {
    const isKnown = devices?.some(({ id }) => id === below(example, 'DeviceId')) === true;
    const chosen = deviceOf(data);
    // The example's device may not be connected.
    const kept = 'DeviceId' in example && !isKnown && chosen !== undefined ? { DeviceId: chosen } : {};
    setData(preselected({ ...example, ...kept }));
  };
  return { data, setData, fillIn: Object.keys(example).length === 0 ? undefined : fillIn };
}
