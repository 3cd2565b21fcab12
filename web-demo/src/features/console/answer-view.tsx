import { Badge, Group, Stack, Text, Title } from '@mantine/core';
import type { JSX } from 'react';
import type { Exchange } from '../../lib/gateway.js';
import { problemOf } from '../../lib/gateway.js';
import { ProblemAlert } from '../../components/problem-alert.js';
import { millisecondsText } from '../../lib/times.js';
import { statusMeaning } from './status-meaning.js';
import styles from './console.module.css';

/** The result of a call: an answer, or the error that prevented one. */
export type Result =
  { readonly exchange: Exchange } | { readonly error: unknown; readonly durationMs: number };

export function AnswerView({ result }: { readonly result: Result }): JSX.Element {
  return (
    <Stack gap="sm" component="section" aria-labelledby="console-answer">
      <Title order={3} size="h4" id="console-answer">
        Answer
      </Title>
      <div role="status">
        <Summary result={result} />
      </div>
      {'error' in result ? <ProblemAlert error={result.error} /> : <Body exchange={result.exchange} />}
    </Stack>
  );
}

function Summary({ result }: { readonly result: Result }): JSX.Element {
  if ('error' in result) return <Text size="sm">No answer after {millisecondsText(result.durationMs)}</Text>;
  const { status, durationMs, trackId, studioMs } = result.exchange;
  return (
    <Group gap="sm" className="wrap-anywhere">
      <StatusBadge status={status} />
      <Text size="sm">{statusMeaning(status)}</Text>
      <Text size="sm">{millisecondsText(durationMs)}</Text>
      {studioMs !== null && (
        <Text size="sm" c="dimmed">
          {millisecondsText(studioMs)} of it in the studio
        </Text>
      )}
      {trackId !== null && (
        <Text size="sm" c="dimmed">
          Track id <span className="mono">{trackId}</span>
        </Text>
      )}
    </Group>
  );
}

export function StatusBadge({ status }: { readonly status: number | null }): JSX.Element {
  const color = status === null || status >= 400 ? 'red.9' : 'teal.9';
  return (
    <Badge color={color} variant="filled">
      {status ?? 'No answer'}
    </Badge>
  );
}

function Body({ exchange }: { readonly exchange: Exchange }): JSX.Element {
  const { status, body } = exchange;
  return (
    <>
      {status >= 400 && <ProblemAlert error={problemOf(exchange)} />}
      {body !== null && (
        <pre className={`${styles.text} mono`} role="region" aria-label="Body of the answer" tabIndex={0}>
          {typeof body === 'string' ? body : JSON.stringify(body, null, 2)}
        </pre>
      )}
    </>
  );
}
