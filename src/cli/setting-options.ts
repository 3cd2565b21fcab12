/** The settings as options of a command. */
import { Option } from 'commander';
import type { Command } from 'commander';
import type { Values } from '../config/config.js';
import { groupOf } from '../config/setting-groups.js';
import type { SettingName } from '../config/settings.js';
import { defaultText, flagOf, settingOf, SETTING_NAMES } from '../config/settings.js';

/** Adds `--config` and every setting. */
export function addSettings(command: Command): Command {
  command.addOption(new Option('--config <file>', 'a JSON file with settings').helpGroup(groupOf('rcsp')));
  for (const name of SETTING_NAMES) command.addOption(optionOf(name));
  return command;
}

/** Commander treats `--no-auth` as the negation of `--auth`, which defaults to true. */
export function saidSettings({ auth, ...flags }: Values): Values {
  return auth === true ? flags : { ...flags, noAuth: auth === false ? true : auth };
}

function optionOf(name: SettingName): Option {
  const { placeholder, description, isList } = settingOf(name);
  const value =
    placeholder === undefined ? '[boolean]' : placeholder.startsWith('[') ? placeholder : `<${placeholder}>`;
  const help = `${description} (default: ${defaultText(name)})`.replaceAll('`', '');
  const option = new Option(`${flagOf(name)} ${value}`.trimEnd(), help).helpGroup(groupOf(name));
  return isList === true ? option.argParser(collected) : option;
}

/** Collects the values of a repeated flag. */
function collected(value: string, known: unknown): readonly string[] {
  return [...(Array.isArray(known) ? (known as string[]) : []), ...value.split(',')];
}
