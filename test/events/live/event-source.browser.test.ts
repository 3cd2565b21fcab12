import { describe, expect, test } from 'vitest';
import { cannotBrowse, useBrowser } from '../../support/browser.js';
import { startBoth, until } from '../../support/gateway.js';

interface Heard {
  readonly socket: unknown;
  readonly stream: { readonly type: string; readonly id: string; readonly data: unknown };
}

/** Runs in the page. */
function listen(): Promise<Heard> {
  const socket = new Promise((resolve, reject) => {
    const one = new WebSocket(`${location.origin.replace('http', 'ws')}/v1/ws/Logs/Info`);
    one.onerror = () => reject(new Error('the WebSocket failed'));
    one.onmessage = ({ data }: MessageEvent<string>) => {
      const message = JSON.parse(data) as { op: string };
      if (message.op === 'event') resolve(message);
    };
  });
  const stream = new Promise<Heard['stream']>((resolve) => {
    const one = new EventSource('/v1/events?channel=Logs/Info');
    one.addEventListener('event', ({ type, data, lastEventId }: MessageEvent<string>) =>
      resolve({ type, id: lastEventId, data: JSON.parse(data) as unknown }),
    );
  });
  return Promise.all([socket, stream]).then(([first, second]) => ({ socket: first, stream: second }));
}

describe.skipIf(cannotBrowse('events in a browser'))('in a browser', () => {
  const openPage = useBrowser();

  test("a page's WebSocket and EventSource hear the same event", async () => {
    const { gateway, simulator } = await startBoth();
    const { page, complaints } = await openPage();
    await page.goto(gateway.url);
    // The page's own.
    await until(() => gateway.app.eventClients.clients.count === 1);
    const heard = page.evaluate(listen);
    await until(() => gateway.app.eventClients.clients.count === 3);
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 1);
    // The WebSocket subscribes after it has connected.
    await until(
      () => [...gateway.app.hub.subscribers].filter(({ modes }) => modes.has('Logs/Info')).length >= 2,
    );
    simulator.emit('Logs', 'Info', { LogMsg: 'größer 😀\nthan life' });
    const { socket, stream } = await heard;
    expect(socket).toMatchObject({
      channel: 'Logs/Info',
      event: { EventData: { LogMsg: 'größer 😀\nthan life' } },
    });
    expect(stream).toMatchObject({ type: 'event', data: socket });
    expect(stream.id).toBe((socket as { cursor: string }).cursor);
    expect(complaints).toEqual([]);
  });
});
