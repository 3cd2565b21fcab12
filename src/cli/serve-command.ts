/** `rcsp-gateway serve`. */
import { Command } from 'commander';
import { ConfigError, loadConfig } from '../config/config.js';
import type { Values } from '../config/config.js';
import { SETTINGS } from '../config/settings.js';
import { addSettings, saidSettings } from './setting-options.js';

export function serveCommand(print: (line: string) => void): Command {
  const command = new Command('serve').description('run the gateway (the default)');
  addSettings(command, SETTINGS);
  command.argument('[nothing...]').allowExcessArguments(false);
  return command.action(async (words: string[], flags: Values) => {
    if (words[0] !== undefined) {
      throw new ConfigError(`there is no command "${words[0]}", and serve takes no arguments; see --help`);
    }
    const config = loadConfig(saidSettings(flags), process.env);
    // Help must not wait for the gateway's modules to load.
    const { serve } = await import('../server.js');
    process.exitCode = await serve(config, print);
  });
}
