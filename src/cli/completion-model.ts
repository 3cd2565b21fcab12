/** What a shell completes, from the commands, their options and the catalog. */
import type { Command, Option } from 'commander';
import { COMMANDS, PUBLISHERS } from '../catalog/index.js';
import type { CommandDefinition } from '../catalog/index.js';

/** Something that may stand at a place. */
export interface Word {
  readonly text: string;
  readonly description: string;
}

/** What may follow an option: nothing, a file, or one of some words (none of them: anything). */
export type OptionValue = 'none' | 'file' | readonly string[];

export interface Flag extends Word {
  readonly value: OptionValue;
}

/** One command, by the words that lead to it: `''` for the program, `token create` for a subcommand. */
export interface CompletedCommand {
  readonly path: string;
  readonly flags: readonly Flag[];
  /** Subcommands, or what its arguments may be. */
  readonly words: readonly Word[];
}

/** Every command below `root`, itself first. */
export function completedCommands(root: Command): readonly CompletedCommand[] {
  return described(root, '');
}

function described(command: Command, path: string): readonly CompletedCommand[] {
  const help = command.createHelp();
  const children = help.visibleCommands(command).filter((child) => child.name() !== 'help');
  const options = help.visibleOptions(command);
  const words = [
    ...children.map((child) => ({ text: child.name(), description: firstSentence(child.description()) })),
    ...argumentWords(command, path),
  ];
  const below = children.flatMap((child) => described(child, `${path} ${child.name()}`.trim()));
  return [{ path, flags: options.flatMap(flagsOf), words }, ...below];
}

function flagsOf(option: Option): readonly Flag[] {
  const text = option.long ?? option.short;
  if (text === undefined) return [];
  return [{ text, description: firstSentence(option.description), value: valueOf(option) }];
}

function valueOf({ flags, required, optional, argChoices }: Option): OptionValue {
  if (argChoices !== undefined) return argChoices;
  if (/[<[](?:file|folder)[\]>]/.test(flags)) return 'file';
  const [, choices] = /<(\w+(?:\|\w+)+)>/.exec(flags) ?? [];
  if (choices !== undefined) return choices.split('|');
  // `--simulate [boolean]`: what follows is another option more often than a value.
  return required || (optional && !flags.includes('[boolean]')) ? [] : 'none';
}

function argumentWords(command: Command, path: string): readonly Word[] {
  if (path === 'call') return commandNames();
  if (path === 'watch') return channelPatterns();
  return command.registeredArguments
    .flatMap(({ argChoices }) => argChoices ?? [])
    .map((text) => ({ text, description: '' }));
}

function commandNames(): readonly Word[] {
  return (COMMANDS as readonly CommandDefinition[]).map(({ name, summary }) => ({
    text: name,
    description: summary,
  }));
}

function channelPatterns(): readonly Word[] {
  return PUBLISHERS.flatMap(({ name, target, topics }) => {
    const before = target === 'device' ? 'devices/*/' : '';
    return ['*', ...topics].map((topic) => ({
      text: `${before}${name}/${topic}`,
      description: `${target} events`,
    }));
  });
}

/** A line of help is long; the shell shows one line an entry. */
function firstSentence(text: string): string {
  return text.replace(/ \(default: .*$/, '').split(/(?<=[a-z)])[.;:] /)[0] ?? '';
}
