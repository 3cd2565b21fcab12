/**
 * As much of a POSIX shell as commands for light arrays use: words, quotes, `&&`, `||`, `;`, `{ … }`, `> file`, `2>&1`,
 * `>&2`. It runs no program of this machine: the only commands are those that are given to it.
 */

export interface ShellResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ShellWorld {
  /** Undefined for a command that does not exist. */
  readonly run: (name: string, args: readonly string[]) => ShellResult | undefined;
  readonly write: (path: string, text: string) => void;
}

/** Scripts within scripts. */
const MAX_DEPTH = 8;

class SyntaxFailure extends Error {}

interface Token {
  readonly kind: 'word' | 'operator';
  readonly text: string;
}

const OPERATOR = /^(?:&&|\|\||;|\n|2>&1|>&2|>|[{}](?=[\s;]|$))/;
const BLANK = /^[ \t]+/;
/** Of a word, up to white space or an operator. */
const PIECE = /^(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|\\([\s\S])|([^\s'"\\;&|<>()$`]))/;

/** Never throws: what it cannot read ends with 2, as in a shell. */
export function runShell(script: string, world: ShellWorld, depth = 0): ShellResult {
  try {
    if (depth > MAX_DEPTH) throw new SyntaxFailure('too many shells');
    return new Interpreter(tokensOf(script), world, depth).all();
  } catch (error) {
    if (!(error instanceof SyntaxFailure)) throw error;
    return { status: 2, stdout: '', stderr: `sh: ${error.message}\n` };
  }
}

function tokensOf(script: string): readonly Token[] {
  const tokens: Token[] = [];
  let rest = script;
  while (rest !== '') {
    const blank = BLANK.exec(rest)?.[0];
    if (blank !== undefined) {
      rest = rest.slice(blank.length);
      continue;
    }
    const operator = OPERATOR.exec(rest)?.[0];
    if (operator !== undefined) {
      tokens.push({ kind: 'operator', text: operator === '\n' ? ';' : operator });
      rest = rest.slice(operator.length);
      continue;
    }
    const [text, length] = wordOf(rest);
    tokens.push({ kind: 'word', text });
    rest = rest.slice(length);
  }
  return tokens;
}

function wordOf(source: string): readonly [text: string, length: number] {
  let text = '';
  let at = 0;
  for (;;) {
    const found = PIECE.exec(source.slice(at));
    if (found === null) break;
    const [whole, single, double, escaped, plain] = found;
    text += single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? escaped ?? plain ?? '';
    at += whole.length;
  }
  if (at === 0) throw new SyntaxFailure(`syntax error near ${JSON.stringify(source.slice(0, 10))}`);
  return [text, at];
}

class Interpreter {
  readonly #tokens: readonly Token[];
  readonly #world: ShellWorld;
  readonly #depth: number;
  #at = 0;

  constructor(tokens: readonly Token[], world: ShellWorld, depth: number) {
    this.#tokens = tokens;
    this.#world = world;
    this.#depth = depth;
  }

  all(): ShellResult {
    const result = this.#list();
    if (this.#at < this.#tokens.length) throw new SyntaxFailure(`unexpected ${this.#peek?.text ?? ''}`);
    return result;
  }

  get #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #takes(...operators: readonly string[]): string | undefined {
    const { kind, text = '' } = this.#peek ?? {};
    if (kind !== 'operator' || !operators.includes(text)) return undefined;
    this.#at += 1;
    return text;
  }

  #list(): ShellResult {
    let result: ShellResult = { status: 0, stdout: '', stderr: '' };
    do {
      if (this.#peek === undefined || this.#peek.text === '}') break;
      result = joined(result, this.#chain());
    } while (this.#takes(';') !== undefined);
    return result;
  }

  /** `a && b || c`, from left to right. */
  #chain(): ShellResult {
    let result = this.#command(true);
    for (let operator = this.#takes('&&', '||'); operator !== undefined; operator = this.#takes('&&', '||')) {
      const isDue = (result.status === 0) === (operator === '&&');
      const next = this.#command(isDue);
      if (isDue) result = joined(result, next);
    }
    return result;
  }

  /** One that is not due is read and not run. */
  #command(isDue: boolean): ShellResult {
    const run = this.#takes('{') === undefined ? this.#simple() : this.#group();
    const target = this.#redirection();
    return isDue ? this.#redirected(run(), target) : { status: 0, stdout: '', stderr: '' };
  }

  #group(): () => ShellResult {
    const start = this.#at;
    let depth = 1;
    for (; depth > 0; this.#at += 1) {
      const token = this.#peek;
      if (token === undefined) throw new SyntaxFailure('a { has no }');
      if (token.kind === 'operator' && token.text === '{') depth += 1;
      if (token.kind === 'operator' && token.text === '}') depth -= 1;
    }
    const inner = this.#tokens.slice(start, this.#at - 1);
    return () => new Interpreter(inner, this.#world, this.#depth).all();
  }

  #simple(): () => ShellResult {
    const words: string[] = [];
    while (this.#peek?.kind === 'word') {
      words.push(this.#peek.text);
      this.#at += 1;
    }
    const [name, ...args] = words;
    if (name === undefined) throw new SyntaxFailure(`unexpected ${this.#peek?.text ?? 'end'}`);
    return () => this.#call(name, args);
  }

  #call(name: string, args: readonly string[]): ShellResult {
    if (name === 'sh' && args[0] === '-c') return runShell(args[1] ?? '', this.#world, this.#depth + 1);
    const result = builtIn(name, args) ?? this.#world.run(name, args);
    return result ?? { status: 127, stdout: '', stderr: `sh: ${name}: not found\n` };
  }

  #redirection(): readonly { readonly operator: string; readonly path: string }[] {
    const found: { operator: string; path: string }[] = [];
    for (let operator = this.#takes('>', '2>&1', '>&2'); operator !== undefined;) {
      let path = '';
      if (operator === '>') {
        if (this.#peek?.kind !== 'word') throw new SyntaxFailure('> needs a file');
        path = this.#peek.text;
        this.#at += 1;
      }
      found.push({ operator, path });
      operator = this.#takes('>', '2>&1', '>&2');
    }
    return found;
  }

  #redirected(
    { status, stdout, stderr }: ShellResult,
    targets: readonly { readonly operator: string; readonly path: string }[],
  ): ShellResult {
    let [out, err] = [stdout, stderr];
    for (const { operator, path } of targets) {
      if (operator === '2>&1') [out, err] = [out + err, ''];
      else if (operator === '>&2') [out, err] = ['', err + out];
      else {
        this.#world.write(path, out);
        out = '';
      }
    }
    return { status, stdout: out, stderr: err };
  }
}

function joined(first: ShellResult, second: ShellResult): ShellResult {
  const { status, stdout, stderr } = second;
  return { status, stdout: first.stdout + stdout, stderr: first.stderr + stderr };
}

function builtIn(name: string, args: readonly string[]): ShellResult | undefined {
  const ok = (stdout: string): ShellResult => ({ status: 0, stdout, stderr: '' });
  if (name === 'true') return ok('');
  if (name === 'false') return { status: 1, stdout: '', stderr: '' };
  // As dash does, which the vendor's example counts on.
  if (name === 'echo') return ok(`${args.join(' ').replaceAll('\\n', '\n')}\n`);
  if (name !== 'printf') return undefined;
  const [format = '', ...values] = args;
  const line = format.replaceAll('\\n', '\n');
  return ok(values.length === 0 ? line : values.map((value) => line.replace('%s', () => value)).join(''));
}
