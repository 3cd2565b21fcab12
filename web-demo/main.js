/** Asks the gateway how the studio is, every few seconds, and has it shown. */
import { ask } from './ask.js';
import { Poller } from './poller.js';
import { show } from './view.js';

const STATUS_EVERY_MS = 2000;
const DEVICES_EVERY_MS = 3000;
/** What is costly to read and hardly ever changes is read again only after this. */
const INFO_EVERY_MS = 30_000;
/** More questions at once would push out what others ask of the studio. */
const DEVICES_AT_ONCE = 3;

/**
 * All that is known. `link` is about the gateway: 'asking' | 'up' | 'lost' | 'paused'. `era` grows whenever what
 * is on the page stops being live; an answer to a question from an earlier era is thrown away.
 */
const known = {
  link: 'asking',
  linkProblem: '',
  seenAt: undefined,
  gatewayVersion: undefined,
  ready: undefined,
  era: 0,
  devices: { listed: [], fresh: false, seenAt: undefined, problem: '' },
  /** By DeviceId. */
  details: new Map(),
};

const status = new Poller(readStatus, STATUS_EVERY_MS);
const devices = new Poller(readDevices, DEVICES_EVERY_MS);

async function readStatus() {
  try {
    const { status: code, body } = await ask('/ready', { also: 503 });
    if (typeof body?.studio?.state !== 'string') throw new Error(`/ready answered ${code} and no state`);
    if (document.hidden) return;
    const returned = known.link !== 'up' || !isConnected();
    Object.assign(known, { link: 'up', linkProblem: '', ready: body, seenAt: new Date() });
    if (!isConnected()) endEra();
    else if (returned) devices.wake();
    known.gatewayVersion ??= (await ask('/live')).body?.version;
  } catch (error) {
    if (document.hidden) return;
    Object.assign(known, { link: 'lost', linkProblem: error.message, gatewayVersion: undefined });
    endEra();
  }
  show(known);
}

function isConnected() {
  return known.ready?.studio.state === 'connected';
}

/** What is on the page is from now on the past. */
function endEra() {
  known.era += 1;
  known.devices.fresh = false;
  known.details.forEach((each) => Object.assign(each, { infoAt: undefined }));
}

async function readDevices() {
  if (known.link !== 'up' || !isConnected()) return;
  const { era } = known;
  try {
    const { body } = await ask('/v1/devices');
    if (era !== known.era) return;
    if (!Array.isArray(body?.Devices)) throw new Error('the studio answered without a list of devices');
    const listed = body.Devices.filter((each) => Number.isInteger(each?.DeviceId));
    const odd = body.Devices.length - listed.length;
    const problem = odd > 0 ? `Listed without a DeviceId, and left out here: ${odd}.` : '';
    known.devices = { listed, fresh: true, seenAt: new Date(), problem };
    forgetAllBut(new Set(listed.map((each) => each.DeviceId)));
  } catch (error) {
    if (era !== known.era) return;
    Object.assign(known.devices, {
      fresh: false,
      problem: `The devices cannot be listed: ${error.message}.`,
    });
    return show(known);
  }
  show(known);
  await readDetails(era);
}

function forgetAllBut(ids) {
  for (const id of known.details.keys()) if (!ids.has(id)) known.details.delete(id);
  for (const id of ids) if (!known.details.has(id)) known.details.set(id, {});
}

async function readDetails(era) {
  const waiting = known.devices.listed.map((each) => each.DeviceId);
  const work = async () => {
    for (let id = waiting.shift(); id !== undefined && era === known.era; id = waiting.shift()) {
      await Promise.all([readDetail(era, id, 'name'), readDetail(era, id, 'info')]);
    }
  };
  await Promise.all(Array.from({ length: DEVICES_AT_ONCE }, work));
}

/** `what` is the last part of the path, and the detail's name; a failure leaves what was read before. */
async function readDetail(era, id, what) {
  const detail = known.details.get(id);
  if (what === 'info' && Date.now() - (detail.infoAt ?? -Infinity) < INFO_EVERY_MS) return;
  const read = await ask(`/v1/devices/${id}/${what}`).then(
    ({ body }) => ({ [what]: body, [`${what}At`]: new Date(), [`${what}Problem`]: '' }),
    (error) => ({ [`${what}Problem`]: error.message }),
  );
  if (era !== known.era) return;
  Object.assign(detail, read);
  show(known);
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) return;
  known.link = 'paused';
  endEra();
  show(known);
});

show(known);
status.wake();
devices.wake();
