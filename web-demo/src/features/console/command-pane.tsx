import {
  Alert,
  Anchor,
  Badge,
  Box,
  Button,
  Group,
  NumberInput,
  Stack,
  Switch,
  Text,
  Title,
} from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import type { JSX } from 'react';
import { Link } from 'wouter';
import { LockNotice } from '../../components/locked.js';
import { scopeOf, useMay } from '../../lib/access.js';
import { gatewayUrl, storedToken } from '../../lib/gateway.js';
import { useDevices, useIsLive } from '../../lib/studio.js';
import { AnswerView } from './answer-view.js';
import { ConfirmSend, mustConfirm } from './confirm-send.js';
import { CurlView } from './curl-view.js';
import type { Call } from './history.js';
import type { JsonObject } from './json.js';
import { below } from './json.js';
import type { Operation } from './operations.js';
import { Prose } from './prose.js';
import { curlLine, deviceOf, pruned, requestOf, withDevice } from './request.js';
import type { Preferences } from './request.js';
import { SchemaForm } from './schema-form.js';
import { useSend } from './use-send.js';
import { violationsOf } from './violations.js';
import styles from './console.module.css';

interface CommandPaneProps {
  readonly operation: Operation;
  /** A call whose request is restored into the form. */
  readonly restored: Call | undefined;
  readonly onCall: (call: Call) => void;
}

/** One command: form, curl line and answer. */
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
  const sendNow = (): void => {
    setAsking(false);
    void send(request, data);
  };
  return (
    <Box className={styles.pane} component="article" aria-labelledby="console-command">
      <Stack className={styles.request}>
        <Heading operation={operation} />
        <LockNotice may={may} />
        {restored?.isPartial === true && (
          <Alert color="gray" variant="outline" title="Not all of it is back" role="status">
            Keys and passwords are not kept: fill them in again.
          </Alert>
        )}
        <SchemaForm
          schema={operation.schema}
          data={data}
          onChange={setData}
          onSubmit={() => (mustConfirm(operation) ? setAsking(true) : sendNow())}
        >
          <Stack mt="md">
            <PreferenceFields operation={operation} preferences={preferences} onChange={setPreferences} />
            <Group>
              <Button type="submit" loading={isSending} disabled={!isLive || !may.isAllowed}>
                Send {operation.id}
              </Button>
              {fillIn !== undefined && (
                <Button variant="default" onClick={fillIn}>
                  Fill in the example
                </Button>
              )}
              <Text size="sm" c="dimmed" role="status">
                {!isLive
                  ? 'The studio is not connected: nothing can be sent.'
                  : !may.isAllowed
                    ? may.reason
                    : missing.length > 0
                      ? `To be filled in or mended: ${missing.map(({ path }) => path.join('.')).join(', ')}.`
                      : 'Ready to send.'}
              </Text>
            </Group>
          </Stack>
        </SchemaForm>
      </Stack>
      <Stack gap="xl">
        {result !== undefined && <AnswerView result={result} />}
        <CurlView line={curlLine(request, url, hasToken)} hasToken={hasToken} />
      </Stack>
      <ConfirmSend
        operation={operation}
        deviceId={deviceOf(data)}
        isOpen={isAsking}
        onCancel={() => setAsking(false)}
        onSend={sendNow}
      />
    </Box>
  );
}

function Heading({ operation }: { readonly operation: Operation }): JSX.Element {
  const { id, method, path, scope, summary, description, isDiscovered } = operation;
  return (
    <Stack gap="xs">
      <Anchor component={Link} href="/console" hiddenFrom="md">
        All commands
      </Anchor>
      <Title order={2} size="h3" id="console-command" className="wrap-anywhere">
        {id}
      </Title>
      <Group gap="xs">
        <Badge color="gray.8" variant="filled">
          {scope}
        </Badge>
        {isDiscovered && (
          <Badge color="grape.9" variant="filled">
            Discovered
          </Badge>
        )}
        <span className="mono wrap-anywhere">
          {method} {path}
        </span>
      </Group>
      {!isDiscovered && <Text fw={600}>{summary}</Text>}
      {description.split('\n\n').map((paragraph) => (
        <Text key={paragraph} size="sm">
          <Prose text={paragraph} />
        </Text>
      ))}
    </Stack>
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
        <Switch
          label="Do not wait: follow it as a job"
          description="Prefer: respond-async"
          checked={isAsync}
          onChange={({ currentTarget }) => onChange({ ...preferences, isAsync: currentTarget.checked })}
        />
      )}
      <NumberInput
        label="Give up after (seconds)"
        description={`Prefer: wait${usual === undefined ? '' : `; ${usual} s when left empty`}`}
        maw={280}
        min={1}
        allowDecimal={false}
        hideControls
        value={wait ?? ''}
        onChange={(value) =>
          onChange({ ...preferences, wait: typeof value === 'number' && value > 0 ? value : undefined })
        }
      />
    </>
  );
}

/** The form's data: the restored call, with a device preselected once one is known. */
function useFormData(
  { schema, example }: Operation,
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
  const [data, setData] = useState(() => (restored === undefined ? preselected({}) : restored.data));
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
