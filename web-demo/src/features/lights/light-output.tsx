import { Code, Text, Title } from '@mantine/core';
import { useCallback, useState } from 'react';
import type { JSX } from 'react';
import { clockText } from '../../lib/times.js';
import { useChannel } from '../../lib/studio.js';

interface Line {
  readonly key: string;
  readonly text: string;
}

const MAX_LINES = 100;
/** By which the gateway tells outputs apart. */
const MARK = /@@[0-9a-f]+:(?:ok|failed)\s*$/;

/** What the node wrote since the view was opened; the newest first. */
export function LightOutput({ node }: { readonly node: string }): JSX.Element {
  const [lines, setLines] = useState<readonly Line[]>([]);
  const channels = [`lights/${node}/Pycom/Output`, `lights/${node}/Pycom/Message`];
  useChannel(
    channels,
    useCallback(({ channel, cursor, receivedAt, event }) => {
      const said = event['output'] ?? event['message'];
      if (typeof said !== 'string') return;
      const text = said.replace(MARK, '').trimEnd();
      if (text === '') return;
      const line = { key: `${channel} ${cursor}`, text: `${clockText(receivedAt)}  ${text}` };
      setLines((before) => [line, ...before].slice(0, MAX_LINES));
    }, []),
  );
  return (
    <section aria-label="Output">
      <Title order={3} size="h5">
        Output
      </Title>
      {lines.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing yet.
        </Text>
      ) : (
        <Code
          block
          mah="12rem"
          tabIndex={0}
          className="wrap-anywhere"
          style={{ overflow: 'auto', whiteSpace: 'pre-wrap' }}
        >
          {lines.map(({ key, text }) => (
            <div key={key}>{text}</div>
          ))}
        </Code>
      )}
    </section>
  );
}
