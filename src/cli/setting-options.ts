/** The settings as options of a command. */
import { Option } from 'commander';
import type { Command } from 'commander';
import type { Values } from '../config/config.js';
import type { SettingTable } from '../config/load-settings.js';
import { groupOf } from '../config/setting-groups.js';
import { flagOf } from '../config/setting-names.js';
import { defaultText } from '../config/settings.js';
import type { Setting } from '../config/settings.js';

/** Adds every setting, and `--config` below the heading of the first one. */
export function addSettings(command: Command, settings: SettingTable): Command {
  const heading = groupOf(Object.keys(settings)[0] ?? '');
  command.addOption(new Option('--config <file>', 'a JSON file with settings').helpGroup(heading));
  for (const [name, setting] of Object.entries(settings)) command.addOption(optionOf(name, setting));
  return command;
}

/** Commander treats `--no-auth` as the negation of `--auth`, which defaults to true. */
export function saidSettings({ auth, ...flags }: Values): Values {
  return auth === true ? flags : { ...flags, noAuth: auth === false ? true : auth };
}

function optionOf(name: string, setting: Setting<unknown>): Option {
  const { placeholder, description, isList } = setting;
  const value =
    placeholder === undefined ? '[boolean]' : placeholder.startsWith('[') ? placeholder : `<${placeholder}>`;
  const help = `${description} (default: ${defaultText(setting)})`.replaceAll('`', '');
  const option = new Option(`${flagOf(name)} ${value}`.trimEnd(), help).helpGroup(groupOf(name));
  return isList === true ? option.argParser(collected) : option;
}

/** Collects the values of a repeated flag. */
function collected(value: string, known: unknown): readonly string[] {
  return [...(Array.isArray(known) ? (known as string[]) : []), ...value.split(',')];
}
