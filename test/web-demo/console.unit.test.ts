import { describe, expect, test } from 'vitest';
import openapi from '../../openapi/openapi.json' with { type: 'json' };
import { nodeOf } from '../../web-demo/src/features/console/json-node.js';
import { operationsOf } from '../../web-demo/src/features/console/operations.js';
import { codeOf, pythonOf } from '../../web-demo/src/features/console/request-code.js';
import type { Language } from '../../web-demo/src/features/console/request-code.js';
import { requestOf } from '../../web-demo/src/features/console/request.js';

const CATALOG = operationsOf(openapi);

function code(id: string, language: Language, data: Readonly<Record<string, unknown>>, needsToken = false) {
  const operation = CATALOG.find((each) => each.id === id)!;
  const request = requestOf(operation, data, { wait: undefined, isAsync: false });
  const baseUrl = 'http://a/studios/lab/';
  const url = baseUrl + request.path.slice(1);
  return codeOf(language, { operation, data, request, url, baseUrl, needsToken });
}

describe('a value of an answer', () => {
  test.each([
    [{ Major: 3, Minor: 2, Patch: 7 }, '3.2.7', 'version'],
    [{ Major: 3, Minor: 2, Patch: null, Build: 5 }, '3.2.5', 'version'],
    [{ Raw: [83, 83, 0], Str: 'SS' }, '"SS"', 'text of 3 bytes'],
    ['a "b"', '"a \\"b\\""', 'text'],
    [4, '4', 'integer'],
    [4.5, '4.5', 'number'],
    [null, 'null', 'null'],
    [true, 'true', 'boolean'],
    [[1], '', 'list, 1 item'],
    [{ a: 1, b: 2 }, '', 'object, 2 fields'],
    [{ Major: 1 }, '', 'object, 1 field'],
    [{ Major: 1, Minor: 'x' }, '', 'object, 2 fields'],
    [{ Raw: [1], Str: 'a', Other: 1 }, '', 'object, 3 fields'],
  ])('%j is shown as %s (%s)', (value, text, type) => {
    expect(nodeOf(value)).toMatchObject({ text, type });
  });

  test('bytes are folded below their text', () => {
    expect(nodeOf({ Raw: [0x3a, 0], Str: ':' })).toMatchObject({
      isWhole: true,
      children: [['Raw', '3a 00']],
    });
    expect(nodeOf([{ a: 1 }]).isWhole).toBe(false);
  });
});

describe('a request as code', () => {
  test('for fetch', () => {
    expect(code('GetDeviceName', 'fetch', { DeviceId: 2 })).toBe(
      'const response = await fetch("http://a/studios/lab/v1/devices/2/name");\n' +
        'console.log(response.status, await response.text());',
    );
    expect(code('SetDeviceName', 'fetch', { DeviceId: 2, DeviceName: 'Jo "x"' }, true)).toBe(
      `const response = await fetch("http://a/studios/lab/v1/devices/2/name", {
  method: "PUT",
  headers: {
    "content-type": "application/json",
    authorization: \`Bearer \${token}\`,
  },
  body: JSON.stringify({
    "DeviceName": "Jo \\"x\\""
  }),
});
console.log(response.status, await response.text());`,
    );
  });

  test('for the browser client: the command with its arguments, of the studio', () => {
    expect(code('SetDeviceName', 'Browser client', { DeviceId: 2, DeviceName: 'Jo' }, true)).toBe(
      `import { RcspClient } from "http://a/client.js";

const client = new RcspClient({ url: "http://a/studios/lab/", token });
console.log(await client.call("SetDeviceName", {
  "DeviceId": 2,
  "DeviceName": "Jo"
}));
client.close();`,
    );
  });

  test('for Python, with what that language calls true and nothing', () => {
    expect(pythonOf({ a: true, b: [null, 1.5, 'x'] })).toBe('{"a": True, "b": [None, 1.5, "x"]}');
    expect(code('SetDeviceName', 'Python', { DeviceId: 2, DeviceName: 'Jo' }, true)).toBe(
      `import json
import os
import urllib.request

request = urllib.request.Request(
    "http://a/studios/lab/v1/devices/2/name",
    method="PUT",
    headers={
        "content-type": "application/json",
        "authorization": "Bearer " + os.environ["TOKEN"],
    },
    data=json.dumps({"DeviceName": "Jo"}).encode(),
)
with urllib.request.urlopen(request) as response:
    print(response.status, response.read().decode())`,
    );
  });
});
