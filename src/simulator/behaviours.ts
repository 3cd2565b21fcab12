/** Finds and runs a command's behaviour. */
import { commandByName } from '../catalog/index.js';
import { checkArguments } from './arguments.js';
import type { Call, DeviceBehaviour } from './behaviour.js';
import { outlineByName, supports } from './command-table.js';
import { DEVICE_BEHAVIOURS } from './device-behaviours.js';
import type { Device } from './device.js';
import { EVENT_BEHAVIOURS, SUBSCRIPTION_COMMANDS } from './event-behaviours.js';
import type { CommandOutline } from './extra-commands.js';
import { CommandFailure } from './failure.js';
import { FIRMWARE_BEHAVIOURS } from './firmware.js';
import { NETWORK_BEHAVIOURS } from './network-behaviours.js';
import { SERVER_BEHAVIOURS } from './server-behaviours.js';

const ON_SERVER = new Map([...SERVER_BEHAVIOURS, ...EVENT_BEHAVIOURS]);
const ON_DEVICE = new Map([...DEVICE_BEHAVIOURS, ...NETWORK_BEHAVIOURS, ...FIRMWARE_BEHAVIOURS]);

/** Runs a command; resolves to its `Response`, undefined for a plain ok. @throws CommandFailure */
export async function execute(name: string, call: Call): Promise<unknown> {
  const outline = outlineByName.get(name);
  if (outline === undefined)
    throw new CommandFailure('Unknown command', `there is no command ${name.slice(0, 100)}`);
  const checked = { ...call, arguments: renameSubscriptions(name, call.arguments) };
  checkArguments(outline.arguments, checked.arguments);
  if (outline.target === 'device') return await runOnDevice(outline, checked);
  return await (ON_SERVER.get(name) ?? byExample(name))(checked);
}

function runOnDevice({ name }: CommandOutline, call: Call): unknown {
  const device = call.studio.world.device(Number(call.arguments['DeviceId']));
  if (!supports(device.type, name)) {
    throw new CommandFailure('Unsupported command', `device ${device.id} (${device.type}) has no ${name}`);
  }
  // The update commands check for `Busy` themselves.
  if (!FIRMWARE_BEHAVIOURS.has(name)) needAvailable(call, device);
  const behaviour: DeviceBehaviour = ON_DEVICE.get(name) ?? byExample(name);
  return behaviour(device, call);
}

function needAvailable({ studio }: Call, device: Device): void {
  if (studio.world.updating === device) {
    throw new CommandFailure('Device not available', `device ${device.id} is being updated`);
  }
}

/** A catalog command without a behaviour answers with the documentation's example. */
function byExample(name: string): () => unknown {
  return () => commandByName.get(name)?.example.response ?? undefined;
}

/** The specification's example says `Subscriptions` where its table says `Publishers`. */
function renameSubscriptions(name: string, given: Call['arguments']): Call['arguments'] {
  if (!SUBSCRIPTION_COMMANDS.has(name) || given['Publishers'] !== undefined) return given;
  const { Subscriptions, ...rest } = given;
  return Subscriptions === undefined ? given : { ...rest, Publishers: Subscriptions };
}
