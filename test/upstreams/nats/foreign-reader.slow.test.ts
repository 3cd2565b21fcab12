import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { EventClient } from '../../support/event-client.js';
import { until } from '../../support/gateway.js';
import { HAS_NATS, NatsServer } from '../../support/nats-server.js';
import { emit, startEdge, startOrigin } from '../../support/nats-gateways.js';

/** A folder made by `python3 -m venv`, with nats-py. */
const PYTHON = join(process.env['PYTHON_NATS'] ?? '', 'bin', 'python');
const HAS_PYTHON = process.env['CI'] !== undefined || existsSync(PYTHON);

const PROGRAM = `
import asyncio, json, sys
import nats

async def main():
    nc = await nats.connect(sys.argv[1])
    js = nc.jetstream()
    sub = await js.subscribe("rcsp.v1.stage.ev.Logs.Info", ordered_consumer=True)
    for _ in range(3):
        msg = await sub.next_msg(timeout=10)
        body = json.loads(msg.data)
        print(json.dumps([msg.headers["Nats-Msg-Id"], msg.headers["Rcsp-Cursor"], body["cursor"], body["event"]["EventData"]["n"]]))
    reply = await nc.request("rcsp.v1.stage.cmd.GetDeviceName", b'{"arguments":{"DeviceId":1}}', timeout=10)
    print(json.dumps(json.loads(reply.data)["status"]))
    await nc.close()

asyncio.run(main())
`;

describe.runIf(HAS_NATS && HAS_PYTHON)('nats-py', () => {
  test('reads the events of a studio from the stream, and asks for a command', async () => {
    const server = await NatsServer.start();
    const { simulator } = await startOrigin(server.url);
    const client = await EventClient.connect(await startEdge(server.url));
    await client.subscribe(['Logs/Info']);
    emit(simulator, 1, 2, 3);
    await until(() => client.numbers().length === 3);
    const { stdout } = await promisify(execFile)(PYTHON, ['-c', PROGRAM, server.url]);
    const lines = stdout.trim().split('\n');
    const cursors = client.of('event').map(({ cursor }) => cursor);
    expect(lines.slice(0, 3).map((line) => JSON.parse(line) as unknown)).toEqual(
      cursors.map((cursor, i) => [`stage/Logs/Info@${cursor}`, cursor, cursor, i + 1]),
    );
    expect(lines[3]).toBe('200');
  });
});
