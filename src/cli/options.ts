/** Options that several commands have. */
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { defaultText, flagOf } from '../config/settings.js';
import type { Setting } from '../config/settings.js';

export const DEFAULT_URL = 'http://127.0.0.1:8080';

export function urlOption(): Option {
  return new Option('--url <url>', 'where the gateway is').default(
    process.env['RCSP_GATEWAY_URL'] || DEFAULT_URL,
  );
}

/** A command line can be read by others on the machine: the variable is the better place. */
export function tokenOption(): Option {
  return new Option('--token <token>', 'the token, where the gateway wants one').env('RCSP_GATEWAY_TOKEN');
}

export function studioOption(): Option {
  return new Option('--studio <name>', 'the studio, of several behind the gateway').env(
    'RCSP_GATEWAY_STUDIO',
  );
}

export function cacertOption(): Option {
  return new Option('--cacert <file>', "certificates, PEM, to trust instead of the system's").env(
    'RCSP_GATEWAY_CACERT',
  );
}

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}`);
  };
}

/** A flag for each setting, and one for the file of settings. */
export function addSettings(command: Command, settings: Readonly<Record<string, Setting<unknown>>>): void {
  command.option('--config <file>', 'a JSON file with settings');
  for (const [name, setting] of Object.entries(settings)) command.addOption(optionOf(name, setting));
}

function optionOf(name: string, setting: Setting<unknown>): Option {
  const { placeholder, description, isList } = setting;
  const value =
    placeholder === undefined ? '[boolean]' : placeholder.startsWith('[') ? placeholder : `<${placeholder}>`;
  const help = `${description} (default: ${defaultText(setting)})`.replaceAll('`', '');
  const option = new Option(`${flagOf(name)} ${value}`.trimEnd(), help);
  return isList === true ? option.argParser(collected) : option;
}

/** Collects the values of a repeated flag. */
function collected(value: string, known: unknown): readonly string[] {
  return [...(Array.isArray(known) ? (known as string[]) : []), ...value.split(',')];
}
