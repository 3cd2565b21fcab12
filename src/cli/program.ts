/** The commands of the command line, each loaded when it is asked for. */
import { Command } from 'commander';
import { printable } from '../util/printable.js';
import { VERSION } from '../util/package-info.js';

type Print = (line: string) => void;
type Load = (print: Print) => Promise<Command>;

const GATEWAY = 'Gateway:';
const RUNNING = 'Use a running gateway:';
const SIMULATED = 'Without hardware:';
const ELSEWHERE = 'Reach a studio from elsewhere:';

/** In the order of the help, each with its heading there. */
const COMMANDS: Readonly<Record<string, readonly [heading: string, load: Load]>> = {
  serve: [GATEWAY, async (print) => (await import('./serve-command.js')).serveCommand(print)],
  doctor: [GATEWAY, async (print) => (await import('./doctor.js')).doctorCommand(print)],
  token: [GATEWAY, async (print) => (await import('./token.js')).tokenCommand(print)],
  call: [RUNNING, async () => (await import('./call-command.js')).callCommand()],
  watch: [RUNNING, async (print) => (await import('./watch-command.js')).watchCommand(print)],
  lights: [RUNNING, async () => (await import('./lights-command.js')).lightsCommand()],
  simulator: [SIMULATED, async (print) => (await import('./simulator-command.js')).simulatorCommand(print)],
  'lights-simulator': [
    SIMULATED,
    async (print) => (await import('./lights-simulator-command.js')).lightsSimulatorCommand(print),
  ],
  relay: [ELSEWHERE, async (print) => (await import('./relay-command.js')).relayCommand(print)],
  'relay-token': [ELSEWHERE, async (print) => (await import('./relay-command.js')).relayTokenCommand(print)],
};

/** The program with the one command that `words` begin with; with all of them where they begin otherwise. */
export async function programFor(words: readonly string[], print: Print): Promise<Command> {
  const root = new Command('rcsp-gateway')
    .description("REST, OpenAPI and events in front of a motion-capture studio's RCSP server")
    .version(VERSION)
    .showHelpAfterError('(--help tells what there is)');
  const [first = ''] = words;
  // Options of the program itself need no command.
  if (first === '--version' || first === '-V') return throwing(root);
  const isAlone = Object.hasOwn(COMMANDS, first);
  for (const [name, [heading, load]] of Object.entries(COMMANDS)) {
    if (isAlone && name !== first) continue;
    root.commandsGroup(heading);
    root.addCommand(await load(print), { isDefault: name === 'serve' });
  }
  if (!isAlone) await addOthers(root, print);
  return throwing(root);
}

async function addOthers(root: Command, print: Print): Promise<void> {
  const { completionCommand } = await import('./completion.js');
  root.commandsGroup('Other:').helpCommand('help [command]', 'show the help of a command');
  root.addCommand(completionCommand(root, print));
}

/** Subcommands do not inherit commander's `exitOverride`: each one must throw instead of exiting. */
function throwing(command: Command): Command {
  command.exitOverride();
  command.configureOutput({ outputError: (text, write) => write(printable(text)) });
  command.commands.forEach(throwing);
  return command;
}
