/** What is known, on the page. What the studio says becomes text, never markup. */

const NONE = '–';
const cards = new Map();

export function show(known) {
  showNotice(known);
  showStudio(known);
  showDevices(known);
}

function showNotice(known) {
  const notice = noticeOf(known);
  setText(byId('notice'), notice);
  byId('notice').dataset.level = known.link === 'lost' ? 'bad' : 'warn';
}

function noticeOf({ link, linkProblem, seenAt, ready }) {
  const last = seenAt === undefined ? '' : `, showing what was last seen at ${time(seenAt)}`;
  if (link === 'lost') return `Lost the gateway${last}. Trying again… (${linkProblem})`;
  if (link === 'paused') return `Paused while nobody looks${last}.`;
  if (link === 'up' && ready.studio.state !== 'connected') {
    return `The studio at ${ready.studio.address} is not there. The gateway keeps trying.`;
  }
  return '';
}

function showStudio({ link, ready, gatewayVersion }) {
  const [state, label] = stateOf(link, ready);
  byId('state').dataset.state = state;
  setText(byId('state'), label);
  byId('studio').dataset.live = String(link === 'up');
  setText(byId('gateway'), ['rcsp-gateway', gatewayVersion].filter(Boolean).join(' '));
  if (ready === undefined) return;
  const { studio, pool, events } = ready;
  byId('simulated').hidden = studio.simulated !== true;
  document.title = `${studio.simulated === true ? 'SIMULATED · ' : ''}${label} · rcsp-gateway`;
  setText(byId('address'), studio.address);
  setText(byId('version'), studio.version ?? NONE);
  setText(byId('system'), studio.systemName ?? NONE);
  setText(byId('uptime'), studio.uptimeSecs === null ? NONE : duration(studio.uptimeSecs));
  setText(byId('pool'), `${pool.up} of ${pool.size} up, ${pool.waiting} waiting`);
  setText(byId('events'), events.connected ? 'Up' : 'Down');
}

function stateOf(link, ready) {
  if (link === 'asking') return ['unknown', 'Asking…'];
  if (link === 'paused') return ['unknown', 'Paused'];
  if (link === 'lost') return ['unknown', 'Unknown'];
  return ready.studio.state === 'connected' ? ['connected', 'Connected'] : ['away', 'Not there'];
}

function showDevices({ devices, details }) {
  setText(byId('devices-note'), devicesNote(devices));
  setText(byId('devices-problem'), devices.problem);
  byId('devices-problem').hidden = devices.problem === '';
  const shown = new Set(devices.listed.map((device) => device.DeviceId));
  for (const [id, card] of cards) {
    if (shown.has(id)) continue;
    card.remove();
    cards.delete(id);
  }
  devices.listed.forEach((device, index) => {
    const card = cardOf(device.DeviceId);
    showCard(card, device, details.get(device.DeviceId) ?? {}, devices);
    const { children } = byId('cards');
    if (children[index] !== card) byId('cards').insertBefore(card, children[index] ?? null);
  });
}

function devicesNote({ listed, fresh, seenAt }) {
  if (seenAt === undefined) return 'Nothing seen yet.';
  const count = listed.length === 1 ? '1 device' : `${listed.length} devices`;
  return fresh ? `${count} connected` : `${count}, last seen at ${time(seenAt)}`;
}

function cardOf(id) {
  if (!cards.has(id)) cards.set(id, byId('card').content.cloneNode(true).firstElementChild);
  return cards.get(id);
}

function showCard(card, device, detail, { fresh, seenAt }) {
  card.firstElementChild.dataset.live = String(fresh);
  setText(field(card, 'badge'), fresh ? 'Live' : `Seen ${time(seenAt)}`);
  setText(field(card, 'name'), detail.name?.DeviceName || `Device ${device.DeviceId}`);
  setText(field(card, 'kind'), `${device.DeviceType ?? 'Unknown type'}, DeviceId ${device.DeviceId}`);
  setText(field(card, 'connection'), device.ConnectionType ?? NONE);
  setText(field(card, 'firmware'), versionText(detail.info?.FwVersion));
  const remark = remarkOf(device, detail);
  setText(field(card, 'remark'), remark);
  field(card, 'remark-row').hidden = remark === '';
  const problem = problemOf(detail);
  setText(field(card, 'problem'), problem);
  field(card, 'problem').hidden = problem === '';
}

function remarkOf({ IsBootloader, Updatable }, { info }) {
  const isLeft = info?.Smartgloves?.IsLeft;
  const hand = isLeft === true ? 'left hand' : isLeft === false ? 'right hand' : '';
  const remarks = [hand, IsBootloader && 'in its bootloader', Updatable === false && 'not updatable'];
  const text = remarks.filter(Boolean).join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A value that could not be read anew stays on the card: then it says of when it is. */
function problemOf(detail) {
  const labels = { name: 'Name', info: 'Firmware version' };
  const lines = Object.entries(labels).map(([what, label]) => {
    const reason = detail[`${what}Problem`];
    if (!reason) return '';
    const at = detail[`${what}At`];
    return `${label} not read: ${reason}.${at === undefined ? '' : ` Shown as of ${time(at)}.`}`;
  });
  return lines.filter(Boolean).join(' ');
}

function versionText(version) {
  const { Major, Minor, Patch, Build } = version ?? {};
  return [Major, Minor, Patch, Build].filter((part) => part != null).join('.') || NONE;
}

function duration(secs) {
  const [days, hours, minutes] = [
    Math.floor(secs / 86_400),
    Math.floor(secs / 3600) % 24,
    Math.floor(secs / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${secs % 60} s` : `${secs} s`;
}

function time(date) {
  return date.toLocaleTimeString('en-GB');
}

function byId(id) {
  return document.getElementById(id);
}

function field(card, name) {
  return card.querySelector(`[data-field="${name}"]`);
}

/** Writes only what changed, so that a screen reader is told once. */
function setText(element, text) {
  if (element.textContent !== String(text)) element.textContent = String(text);
}

const { origin } = location;
setText(
  byId('curl'),
  `curl ${origin}/v1/devices
curl -X PUT ${origin}/v1/devices/1/name \\
  -H 'content-type: application/json' -d '{"DeviceName":"Lead dancer"}'`,
);
