import { Keyboard, Queue, RcspClient } from '/client.js';

const studio = new RcspClient();
const colors = { r: [255, 0, 0], g: [0, 255, 0], b: [0, 0, 255] };
const keys = new Queue(10); // bounded: the oldest gives way
new Keyboard().subscribe(keys.put);

for await (const { type, key } of keys) {
  if (type !== 'keydown' || !(key in colors)) continue;
  const [Red, Green, Blue] = colors[key];
  await studio
    .call('SetColorLed', { DeviceId: 2, LedId: 'RingLed', Red, Green, Blue }, { timeoutMs: 2000 })
    .catch((error) => console.log(error.code, error.outcome));
}
