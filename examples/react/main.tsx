import { StrictMode } from 'react';
import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { useLatest } from './use-latest.js';

function Latest({ channel }: { readonly channel: string }): ReactNode {
  const latest = useLatest(channel);
  return (
    <p>
      {channel}: <output>{latest === undefined ? '…' : JSON.stringify(latest.event.EventData)}</output>
    </p>
  );
}

const root = document.querySelector('#root');
if (root === null) throw new Error('the page has no #root');
createRoot(root).render(
  <StrictMode>
    <Latest channel="Logs/*" />
    <Latest channel="devices/*/DeviceEvents/*" />
  </StrictMode>,
);
