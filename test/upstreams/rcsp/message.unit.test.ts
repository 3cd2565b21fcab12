import { describe, expect, test } from 'vitest';
import { parseCommand, parseServerMessage } from '../../../src/upstreams/rcsp/protocol/message.js';

const Type = { command: 1, ok: 2, error: 3, event: 4 } as const;

function parse(type: number, payload: string | Buffer): ReturnType<typeof parseServerMessage> {
  return parseServerMessage(type, Buffer.from(payload));
}

describe('an OK', () => {
  test('an OK carries the response parsed and as the studio wrote it', () => {
    const message = parse(
      Type.ok,
      '{"TrackId":"7","Status":"Ok","Version":1,"Response":{ "FrameRate": 100 }}',
    );
    expect(message).toEqual({
      kind: 'ok',
      trackId: '7',
      response: { FrameRate: 100 },
      bytes: Buffer.from('{ "FrameRate": 100 }'),
    });
  });

  test.each([
    ['absent', '{"Status":"Ok","TrackId":"MyTrackId42"}'],
    ['null', '{"Status":"Ok","TrackId":"MyTrackId42","Response":null}'],
  ])('without data is one whose Response is %s', (_, payload) => {
    const nothing = { response: undefined, bytes: undefined };
    expect(parse(Type.ok, payload)).toEqual({ kind: 'ok', trackId: 'MyTrackId42', ...nothing });
  });

  test('an OK keeps numbers exact that JavaScript cannot', () => {
    const message = parse(Type.ok, '{"TrackId":"7","Response":{"Epoch":18446744073709551615}}');
    expect(message).toHaveProperty('bytes', Buffer.from('{"Epoch":18446744073709551615}'));
  });

  test('an OK keeps a response that is no object', () => {
    expect(parse(Type.ok, '{"TrackId":"7","Response":false}')).toMatchObject({ response: false });
    expect(parse(Type.ok, '{"TrackId":"7","Response":0}')).toHaveProperty('bytes', Buffer.from('0'));
  });

  test('an OK is written anew when its key is spelt with escapes', () => {
    const message = parse(Type.ok, String.raw`{"TrackId":"7","\u0052esponse":{ "a": 1 }}`);
    expect(message).toMatchObject({ response: { a: 1 }, bytes: Buffer.from('{"a":1}') });
  });

  test.each(['{"Status":"Ok"}', '{"TrackId":null}', '{"TrackId":7}'])('%s has no track id', (payload) => {
    expect(parse(Type.ok, payload)).toMatchObject({ kind: 'ok', trackId: undefined });
  });
});

describe('an error', () => {
  test("an error carries the studio's code and message verbatim", () => {
    const payload = '{"TrackId":"7","Status":"Error","Error":{"Code":"Too tired","Message":"Zzz"}}';
    expect(parse(Type.error, payload)).toEqual({
      kind: 'error',
      trackId: '7',
      code: 'Too tired',
      message: 'Zzz',
    });
  });

  test.each(['{"Code":"Busy"}', '{"Code":"Busy","Message":null}', '{"Code":"Busy","Message":3}'])(
    '%s has no message',
    (error) => {
      const message = parse(Type.error, `{"TrackId":"7","Error":${error}}`);
      expect(message).toMatchObject({ kind: 'error', code: 'Busy', message: undefined });
    },
  );

  test.each(['{"TrackId":"7"}', '{"TrackId":"7","Error":null}', '{"TrackId":"7","Error":{}}'])(
    '%s is an unknown error',
    (payload) => {
      expect(parse(Type.error, payload)).toMatchObject({
        kind: 'error',
        trackId: '7',
        code: 'Unknown error',
      });
    },
  );

  test('without a code keeps what it says', () => {
    const message = parse(Type.error, '{"TrackId":"7","Error":{"Code":null,"Message":"overheated"}}');
    expect(message).toMatchObject({ code: 'Unknown error', message: 'overheated' });
  });
});

describe('an event', () => {
  test('an event carries its data and the whole of its bytes', () => {
    const payload = '{ "Publisher": "Logs", "Topic": "Info", "EventData": {"LogMsg":"hi"}, "Extra": 1 }';
    expect(parse(Type.event, payload)).toEqual({
      kind: 'event',
      publisher: 'Logs',
      topic: 'Info',
      data: { LogMsg: 'hi' },
      bytes: Buffer.from(payload),
    });
  });

  test.each(['{"Publisher":"Logs","Topic":"Info"}', '{"Publisher":"Logs","Topic":"Info","EventData":null}'])(
    '%s may lack data',
    (payload) => {
      expect(parse(Type.event, payload)).toMatchObject({ kind: 'event', publisher: 'Logs', topic: 'Info' });
    },
  );

  test.each(['{}', '{"Publisher":"Logs"}', '{"Publisher":"Logs","Topic":7}'])(
    'an event is not %s',
    (payload) => {
      expect(parse(Type.event, payload)).toMatchObject({ kind: 'unreadable', reason: 'not-an-event' });
    },
  );
});

describe('a payload that says nothing', () => {
  test.each([Type.ok, Type.error, Type.event])(
    'a payload that says nothing is told as such, with its type %i',
    (type) => {
      const nothing = { kind: 'unreadable', type, trackId: undefined };
      expect(parse(type, '{"TrackId":')).toEqual({ ...nothing, reason: 'not-json' });
      expect(parse(type, '')).toEqual({ ...nothing, reason: 'not-json' });
      expect(parse(type, '[{}]')).toEqual({ ...nothing, reason: 'not-an-object' });
      expect(parse(type, 'null')).toEqual({ ...nothing, reason: 'not-an-object' });
    },
  );

  test('a payload that says nothing is not one that can be repaired, which is told with its repairs', () => {
    const latin1 = Buffer.from('{"TrackId":"7","Response":{"DeviceName":"Å"}}', 'latin1');
    const repairs: unknown[] = [];
    expect(parseServerMessage(Type.ok, latin1, (each) => repairs.push(...each))).toEqual({
      kind: 'ok',
      trackId: '7',
      response: { DeviceName: '\ufffd' },
      bytes: Buffer.from('{"DeviceName":"\ufffd"}'),
    });
    expect(repairs).toEqual([{ kind: 'utf-8', at: 41 }]);
  });

  test('names the publisher of an event that can be told', () => {
    const lost = { kind: 'unreadable', publisher: 'Logs' };
    expect(parse(Type.event, '{"Publisher":"Logs",')).toMatchObject({ ...lost, reason: 'not-json' });
    expect(parse(Type.event, '{"Publisher":"Logs"}')).toMatchObject({ ...lost, reason: 'not-an-event' });
    expect(parse(Type.event, '{"Publi')).toHaveProperty('publisher', undefined);
  });

  test('a payload that says nothing is one of a type that a server does not send, with the track id that it may have', () => {
    const unknown = { kind: 'unreadable', reason: 'unknown-type' };
    expect(parse(9, '{"TrackId":"7"}')).toEqual({ ...unknown, type: 9, trackId: '7' });
    expect(parse(Type.command, '{"TrackId":"7"}')).toEqual({ ...unknown, type: 1, trackId: '7' });
    expect(parse(0, 'not json')).toEqual({ ...unknown, type: 0, trackId: undefined });
  });
});

describe('a command, read by a server', () => {
  const read = (payload: string): unknown => parseCommand(Buffer.from(payload));

  test('a command, read by a server is the rcsp_cmd that the client wrote', () => {
    const command = { Command: 'SetFrameRate', TrackId: '7', Version: 1, Arguments: { FrameRate: 100 } };
    expect(read(JSON.stringify(command))).toEqual(command);
  });

  test.each(['', ',"Arguments":null'])('a command, read by a server needs no arguments (%s)', (rest) => {
    const command = { Command: 'Info', TrackId: '7', Version: 1 };
    expect(read(`{"Command":"Info","TrackId":"7","Version":1${rest}}`)).toEqual(command);
  });

  test.each(['{"Command":"Info"}', '{"Command":1,"TrackId":"7","Version":1}', '[]', 'x'])(
    'a command, read by a server is not %s',
    (payload) => {
      expect(read(payload)).toBeUndefined();
    },
  );
});
