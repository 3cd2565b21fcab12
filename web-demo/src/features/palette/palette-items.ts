/** What the palette offers. Pure. */
import { deviceTitle } from '../../lib/device-title.js';
import type { DeviceCard } from '../../lib/device-store.js';
import type { Performer } from '../../lib/layout.js';
import type { IconName } from '../../components/icon-paths.js';

/** What happens when it is chosen. */
export type PaletteAction =
  | { readonly is: 'go'; readonly href: string }
  | { readonly is: 'leave'; readonly href: string }
  | { readonly is: 'calibrate'; readonly ids: readonly number[] }
  | { readonly is: 'find'; readonly id: number }
  | { readonly is: 'scan'; readonly id: number }
  | { readonly is: 'led'; readonly id: number; readonly colour: string }
  | { readonly is: 'control'; readonly isTaken: boolean }
  | { readonly is: 'sounds' }
  | { readonly is: 'mark' }
  | { readonly is: 'keys' }
  | { readonly is: 'copy-curl' };

export interface PaletteItem {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly icon: IconName;
  /** Searched beside the label. */
  readonly words?: string;
  readonly action: PaletteAction;
}

export interface Available {
  readonly views: readonly { readonly path: string; readonly label: string; readonly icon: IconName }[];
  readonly devices: readonly DeviceCard[];
  /** Commands of the studio, by name. */
  readonly commands: readonly string[];
  /** Who wears what. */
  readonly performers: readonly Performer[];
  /** Whether this page has control; undefined where nobody needs it, and where the token is not for it. */
  readonly hasControl: boolean | undefined;
  /** Whether the gateway would take a change from the user now. */
  readonly mayControl: boolean;
  readonly hasSounds: boolean;
  readonly hasCurl: boolean;
  readonly isLive: boolean;
}

const COLOUR = /#([0-9a-f]{6})\b/i;

/** The query may hold a colour: then each device that is there has an item for it. */
export function paletteItems(query: string, available: Available): readonly PaletteItem[] {
  const { views, devices, commands, isLive, mayControl } = available;
  const present = isLive && mayControl ? devices.filter(({ goneSince }) => goneSince === undefined) : [];
  return [
    ...views.map(({ path, label, icon }) => item(`view ${path}`, label, 'View', icon, go(path), 'go open')),
    ...present.flatMap((device) => ledItem(device, query)),
    ...devices.map((device) =>
      item(
        `device ${device.id}`,
        deviceTitle(device),
        `Device ${device.id}`,
        'devices',
        go(`/devices/${device.id}`),
        device.type,
      ),
    ),
    ...(present.length > 1
      ? [
          item('calibrate all', 'Calibrate all', `${present.length} devices`, 'calibrate', {
            is: 'calibrate',
            ids: present.map(({ id }) => id),
          }),
        ]
      : []),
    ...available.performers.flatMap((performer) => performerItem(performer, present)),
    ...present.flatMap(deviceItems),
    ...pageItems(available),
    ...commands.map((name) =>
      item(
        `command ${name}`,
        name,
        'Command',
        'console',
        go(`/console/${encodeURIComponent(name)}`),
        spaced(name),
      ),
    ),
  ];
}

/** What concerns no device. */
function pageItems({ hasControl, hasSounds, hasCurl }: Available): readonly PaletteItem[] {
  const docs = { is: 'leave', href: './docs' } as const;
  return [
    ...(hasControl === undefined
      ? []
      : [
          item(
            'control',
            hasControl ? 'Give back control' : 'Take control',
            'Lease',
            'control',
            { is: 'control', isTaken: !hasControl },
            'lease release',
          ),
        ]),
    item('mark', 'Set a mark', 'M', 'flag', { is: 'mark' }, 'flag timeline'),
    item('sounds', hasSounds ? 'Sounds off' : 'Sounds on', 'This browser', 'bell', { is: 'sounds' }, 'mute'),
    item('keys', 'Keys', '?', 'info', { is: 'keys' }, 'keyboard shortcuts help'),
    ...(hasCurl
      ? [item('copy curl', 'Copy curl of the last command', 'Console', 'copy', { is: 'copy-curl' })]
      : []),
    item('docs', 'API explorer', 'Documentation', 'api', docs, 'docs openapi swagger'),
  ];
}

/** Everything that one performer wears. */
function performerItem({ name, devices }: Performer, present: readonly DeviceCard[]): readonly PaletteItem[] {
  const ids = present.filter(({ id }) => devices.includes(id)).map(({ id }) => id);
  if (ids.length === 0) return [];
  const hint = `${ids.length} ${ids.length === 1 ? 'device' : 'devices'}`;
  return [
    item(
      `calibrate of ${name}`,
      `Calibrate ${name}`,
      hint,
      'calibrate',
      { is: 'calibrate', ids },
      'performer',
    ),
  ];
}

export function textOf({ label, hint, words = '' }: PaletteItem): string {
  return `${label} ${words} ${hint}`;
}

/** A colour is no name: it is not searched for. */
export function searchOf(query: string): string {
  return query.replace(COLOUR, ' ').trim();
}

function deviceItems(device: DeviceCard): readonly PaletteItem[] {
  const { id } = device;
  const title = deviceTitle(device);
  return [
    item(`calibrate ${id}`, `Calibrate ${title}`, `Device ${id}`, 'calibrate', {
      is: 'calibrate',
      ids: [id],
    }),
    item(`find ${id}`, `Find ${title}`, 'Blinks its LED', 'find', { is: 'find', id }, 'blink'),
    item(`test ${id}`, `Self test of ${title}`, `Device ${id}`, 'test', go(`/devices/${id}/self-test`)),
    item(
      `scan ${id}`,
      `Scan networks with ${title}`,
      `Device ${id}`,
      'wireless',
      { is: 'scan', id },
      'wi-fi wifi wlan',
    ),
  ];
}

function ledItem(device: DeviceCard, query: string): readonly PaletteItem[] {
  const [colour] = COLOUR.exec(query) ?? [];
  if (colour === undefined) return [];
  const label = `LED ring of ${deviceTitle(device)} to ${colour}`;
  return [
    item(
      `led ${device.id}`,
      label,
      `Device ${device.id}`,
      'lights',
      { is: 'led', id: device.id, colour },
      'light colour',
    ),
  ];
}

/** `GetDeviceName`: `Get Device Name`. */
function spaced(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1 $2');
}

function go(href: string): PaletteAction {
  return { is: 'go', href };
}

function item(
  id: string,
  label: string,
  hint: string,
  icon: IconName,
  action: PaletteAction,
  words?: string,
): PaletteItem {
  return { id, label, hint, icon, action, ...(words !== undefined && { words }) };
}
