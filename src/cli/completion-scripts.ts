/** Completions for zsh, fish and PowerShell. */
import { pathCases, quoted } from './completion-bash.js';
import type { CompletedCommand, Flag, Word } from './completion-model.js';

export function zshScript(commands: readonly CompletedCommand[]): string {
  const described = ({ text, description }: Word): string =>
    quoted(`${text.replaceAll(':', '\\:')}:${description}`);
  const cases = commands.map(({ path, flags, words }) => {
    const all = [...words, ...flags].map(described).join(' ');
    return `    ${quoted(path)}) entries=(${all}) ;;`;
  });
  const values = commands.flatMap(({ path, flags }) =>
    flags.flatMap(({ text, value }) => {
      if (value === 'none') return [];
      const reply = value === 'file' ? '_files' : `compadd -- ${value.map(quoted).join(' ')}`;
      return [`    ${quoted(`${path}|${text}`)}) ${reply}; return ;;`];
    }),
  );
  return `#compdef rcsp-gateway
# Completions of rcsp-gateway for zsh: save this as _rcsp-gateway in a folder of $fpath, or source it after compinit.
_rcsp_gateway() {
  local path_words='' next before=\${words[CURRENT-1]}
  local -a entries
  local -i i
  for ((i = 2; i < CURRENT; i++)); do
    next="\${path_words:+$path_words }\${words[i]}"
    case $next in (${pathCases(commands).map(quoted).join('|')}) path_words=$next ;; esac
  done
  case "$path_words|$before" in
${values.join('\n')}
  esac
  case $path_words in
${cases.join('\n')}
  esac
  _describe 'rcsp-gateway' entries
}
if [[ \${funcstack[1]} == _rcsp_gateway || \${funcstack[1]} == _rcsp-gateway ]]; then
  _rcsp_gateway "$@"
else
  compdef _rcsp_gateway rcsp-gateway
fi`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function fishFlag(condition: string, { text, description, value }: Flag): string {
  const takes =
    value === 'none'
      ? ''
      : value === 'file'
        ? ' -r -F'
        : ` -x${value.length === 0 ? '' : ` -a ${fishQuoted(value.join(' '))}`}`;
  return `complete -c rcsp-gateway -n ${condition} -l ${text.replace(/^--?/, '')}${takes} -d ${fishQuoted(description)}`;
}

export function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ path, flags, words }) => {
    const condition = fishQuoted(`__rcsp_gateway_at ${fishQuoted(path)}`);
    return [
      ...words.map(
        ({ text, description }) =>
          `complete -c rcsp-gateway -n ${condition} -f -a ${fishQuoted(fishQuoted(text))} -d ${fishQuoted(description)}`,
      ),
      ...flags.map((flag) => fishFlag(condition, flag)),
    ];
  });
  return `# Completions of rcsp-gateway for fish: save this as ~/.config/fish/completions/rcsp-gateway.fish
function __rcsp_gateway_at
    set -l path ''
    for word in (commandline -opc)[2..-1]
        set -l next (string trim -- "$path $word")
        if contains -- $next ${pathCases(commands).map(fishQuoted).join(' ')}
            set path $next
        end
    end
    test "$path" = "$argv[1]"
end
${lines.join('\n')}`;
}

export function powershellScript(commands: readonly CompletedCommand[]): string {
  const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  const entries = commands.map(({ path, flags, words }) => {
    const all = [...words, ...flags].map(
      ({ text, description }) => `@(${literal(text)}, ${literal(description || text)})`,
    );
    return `    ${literal(path)} = @(${all.join(', ')})`;
  });
  return `# Completions of rcsp-gateway for PowerShell: rcsp-gateway completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName rcsp-gateway -ScriptBlock {
  param($word, $ast, $position)
  $commands = @{
${entries.join('\n')}
  }
  $path = ''
  foreach ($element in $ast.CommandElements | Select-Object -Skip 1) {
    $next = "$path $element".Trim()
    if ($element.Extent.EndOffset -lt $position -and $commands.ContainsKey($next)) { $path = $next }
  }
  $commands[$path] | Where-Object { $_[0].StartsWith($word) } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_[0], $_[0], 'ParameterValue', $_[1])
  }
}`;
}
