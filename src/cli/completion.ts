/** `rcsp-gateway completion`. */
import { Argument, Command } from 'commander';
import { bashScript } from './completion-bash.js';
import { completedCommands } from './completion-model.js';
import { fishScript, powershellScript, zshScript } from './completion-scripts.js';

const SCRIPTS = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
} as const;

export function completionCommand(root: Command, print: (line: string) => void): Command {
  const shells = Object.keys(SCRIPTS) as readonly (keyof typeof SCRIPTS)[];
  return new Command('completion')
    .description('print completions for a shell: source <(rcsp-gateway completion bash)')
    .addArgument(new Argument('<shell>', 'which one').choices(shells))
    .action((shell: keyof typeof SCRIPTS) => print(SCRIPTS[shell](completedCommands(root))));
}
