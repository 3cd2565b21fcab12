/** FrameDecoder with JSON.parse, beside JSON.parse alone on the same payloads. */
import { FrameDecoder } from '../../dist/src/upstreams/rcsp/protocol/frame.js';
import { EVENT, frame } from './lib/rcsp.js';
import { format, goal, ratios, spread, table } from './lib/stats.js';

const CHUNK_BYTES = 64 * 1024;
const TOTAL_BYTES = 8 * 2 ** 20;
const SIZES = [200, 2000, 100_000];

export async function decoder({ quick }) {
  const rounds = quick ? 5 : 15;
  const results = SIZES.map((size) => oneSize(size, rounds));
  const small = ({ size, alone, whole }) =>
    goal(
      `decoder, payloads of ${format(size, 0)} bytes: speed beside JSON.parse alone`,
      'least',
      0.9,
      ratios(whole, alone),
    );
  const rows = results.map(({ size, alone, whole, cut }) => [
    format(size, 0),
    ...[alone, whole, cut].map((values) => spread(values, 0)),
    spread(ratios(whole, alone)),
    spread(ratios(cut, alone)),
  ]);
  const head = ['payload bytes', 'JSON.parse alone, MB/s', 'decoder, whole frames', 'decoder, cut at 64 KiB'];
  return {
    title: 'Decoder: MB/s of CPU time',
    parts: [table([...head, 'whole / alone', 'cut / alone'], rows)],
    goals: results.map(small),
  };
}

function oneSize(size, rounds) {
  const payloads = Array.from({ length: Math.ceil(TOTAL_BYTES / size) }, (_, i) => payloadOf(size, i));
  const frames = payloads.map((payload) => frame(EVENT, payload));
  const whole = together(frames);
  const cut = pieces(Buffer.concat(frames));
  const work = {
    alone: () => payloads.forEach((payload) => JSON.parse(payload.toString())),
    whole: () => decode(whole, payloads.length),
    cut: () => decode(cut, payloads.length),
  };
  const results = { size, alone: [], whole: [], cut: [] };
  for (let round = -2; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(work)) {
      const before = process.cpuUsage();
      run();
      const { user, system } = process.cpuUsage(before);
      // Bytes a microsecond are megabytes a second.
      if (round >= 0) results[name].push((payloads.length * size) / (user + system));
    }
  }
  return results;
}

function decode(chunks, expected) {
  let count = 0;
  const reading = new FrameDecoder((_type, payload) => {
    JSON.parse(payload.toString());
    count += 1;
  });
  for (const chunk of chunks) reading.push(chunk);
  if (count !== expected) throw new Error(`${count} frames of ${expected}`);
}

/** An event of so many bytes, its data an array of small objects as a studio sends them. */
function payloadOf(size, number) {
  const head = `{"Publisher":"Bench","Topic":"c0","EventData":{"DeviceId":${number},"Sensors":[`;
  const items = [];
  let length = head.length;
  for (let i = 0; ; i += 1) {
    const item = `{"SensorId":${i},"Name":"Forearm","Ok":true,"Temperature":31.25}`;
    if (length + item.length + 16 > size) break;
    length += item.length + 1;
    items.push(item);
  }
  const text = `${head}${items.join(',')}],"T":"`;
  return Buffer.from(`${text}${'x'.repeat(size - text.length - 3)}"}}`);
}

/** Whole frames, as many as fit into a chunk. */
function together(frames) {
  const chunks = [];
  let batch = [];
  let bytes = 0;
  for (const each of frames) {
    if (bytes + each.length > CHUNK_BYTES && batch.length > 0) {
      chunks.push(Buffer.concat(batch));
      batch = [];
      bytes = 0;
    }
    batch.push(each);
    bytes += each.length;
  }
  chunks.push(Buffer.concat(batch));
  return chunks;
}

function pieces(bytes) {
  const chunks = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) chunks.push(bytes.subarray(at, at + CHUNK_BYTES));
  return chunks;
}
