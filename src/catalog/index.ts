/** The catalog: every command that a subject file exports, in the order of the specification. */
import type { z } from 'zod';
import * as calibration from './rcsp/calibration-commands.js';
import type { CommandDefinition } from './define.js';
import * as devices from './rcsp/device-commands.js';
import * as events from './rcsp/event-commands.js';
import * as firmware from './rcsp/firmware-commands.js';
import * as leds from './rcsp/led-commands.js';
import * as network from './rcsp/network-commands.js';
import * as recording from './rcsp/recording-commands.js';
import * as server from './rcsp/server-commands.js';

export * from './define.js';
export * from './rcsp/publishers.js';

/** Exporting a command from one of these files registers it. */
const SUBJECTS = {
  ...server,
  ...events,
  ...devices,
  ...calibration,
  ...network,
  ...firmware,
  ...leds,
  ...recording,
} as const satisfies Readonly<Record<string, CommandDefinition>>;

type KnownCommand = (typeof SUBJECTS)[keyof typeof SUBJECTS];

export const COMMANDS: readonly KnownCommand[] = Object.values(SUBJECTS).sort(
  (a, b) => specOrderOf(a) - specOrderOf(b),
);

function specOrderOf({ specOrder = Infinity }: CommandDefinition): number {
  return specOrder;
}

export type CommandName = KnownCommand['name'];

type CommandOf<Name extends CommandName> = Extract<KnownCommand, { readonly name: Name }>;

/** `Arguments` of a command. */
export type ArgumentsOf<Name extends CommandName> = z.output<CommandOf<Name>['arguments']>;

/** `Response` of a command; null where the answer is a plain OK. */
export type ResponseOf<Name extends CommandName> = CommandOf<Name>['response'] extends infer Schema extends
  z.ZodType
  ? z.output<Schema>
  : null;

/** Finds a command by name; undefined when the catalog has none. */
export const commandByName: ReadonlyMap<string, CommandDefinition> = new Map(
  COMMANDS.map((command: CommandDefinition) => [command.name, command]),
);
