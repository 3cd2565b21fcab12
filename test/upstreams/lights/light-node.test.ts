import net from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { LightNode } from '../../../src/upstreams/lights/light-node.js';
import { LightsState } from '../../../src/upstreams/lights/lights-state.js';
import { PycomSender } from '../../../src/upstreams/lights/pycom-sender.js';
import { until } from '../../support/gateway.js';

test('a heartbeat that is taken after the end changes nothing and leaves no timer', async () => {
  const taking: net.Socket[] = [];
  const server = net.createServer({ allowHalfOpen: true }, (socket) => taking.push(socket.resume()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as net.AddressInfo;
  const states: string[] = [];
  const node = new LightNode({
    address: { host: '127.0.0.1', port },
    sender: new PycomSender(),
    kept: new LightsState(undefined, () => undefined),
    baseFields: () => ({
      id: 'a',
      name: 'gateway',
      ip: '127.0.0.1',
      port: 1,
      version: '1',
      coordinator: true,
    }),
    onState: (state) => states.push(state),
    unreachableMs: 10,
  });
  node.start();
  await until(() => taking.length === 1);
  node.stop();
  const closed = new Promise((resolve) => taking[0]!.once('close', resolve));
  taking[0]!.end();
  await closed;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(states).toEqual([]);
  expect(node.state).toBe('unreachable');
});
