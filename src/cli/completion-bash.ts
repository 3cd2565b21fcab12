import type { CompletedCommand } from './completion-model.js';

/** `serve`, `token create`: the words after the program's name that choose a command, as far as they do. */
export function pathCases(commands: readonly CompletedCommand[]): readonly string[] {
  return commands.map(({ path }) => path).filter((path) => path !== '');
}

/** What is within single quotes in bash and zsh. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Options that take a file, and those that take one of some words, by the command's path. */
function valueCases({ path, flags }: CompletedCommand): readonly string[] {
  return flags.flatMap(({ text, value }) => {
    if (value === 'none') return [];
    // No word: `complete -o default` completes files.
    const reply =
      value === 'file' || value.length === 0
        ? 'COMPREPLY=()'
        : `COMPREPLY=($(compgen -W ${quoted(value.join(' '))} -- "$current"))`;
    return [`    ${quoted(`${path}|${text}`)}) ${reply}; return ;;`];
  });
}

/** For bash 3.2, which macOS has, and newer. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  const paths = pathCases(commands).map(quoted).join('|');
  const words = commands.map(({ path, flags, words: own }) => {
    const all = [...own, ...flags].map(({ text }) => text);
    return `    ${quoted(path)}) words=${quoted(all.join('\n'))} ;;`;
  });
  return `# Completions of rcsp-gateway for bash: source <(rcsp-gateway completion bash)
_rcsp_gateway() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} path='' next words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${path:+$path }\${COMP_WORDS[i]}"
    case $next in ${paths}) path=$next ;; esac
  done
  case "$path|$before" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case $path in
${words.join('\n')}
  esac
  # One word a line, and no expansion: a channel holds *.
  local IFS=$'\\n'
  COMPREPLY=()
  for next in $(set -f; printf '%s' "$words"); do
    if [[ $next == "$current"* ]]; then COMPREPLY+=("$next"); fi
  done
}
complete -o default -F _rcsp_gateway rcsp-gateway`;
}
