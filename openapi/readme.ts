/** Writes the README's tables from what they describe; `--check` fails when one has drifted. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from '../src/catalog/index.js';
import type { CommandDefinition } from '../src/catalog/index.js';
import { settingsTable } from '../src/config/settings.js';
import { GATEWAY_ERRORS, RCSP_ERRORS } from '../src/errors/errors.js';
import { PACKAGE_ROOT } from '../src/util/package-info.js';

const README_FILE = join(PACKAGE_ROOT, 'README.md');

const TABLES: Readonly<Record<string, () => string>> = {
  settings: settingsTable,
  routes: routesTable,
  errors: errorsTable,
};

/** The text with every table between its `<!-- name -->` and `<!-- /name -->` written anew. */
export function withTables(readme: string): string {
  return Object.entries(TABLES).reduce((text, [name, table]) => {
    const block = new RegExp(`<!-- ${name} -->[\\s\\S]*?<!-- /${name} -->`);
    if (!block.test(text)) throw new Error(`README.md has no place for the ${name}`);
    return text.replace(block, () => `<!-- ${name} -->\n\n${table()}\n\n<!-- /${name} -->`);
  }, readme);
}

export function readReadme(): string {
  return readFileSync(README_FILE, 'utf8');
}

function routesTable(): string {
  const rows = (COMMANDS as readonly CommandDefinition[]).flatMap((command) =>
    command.routes.map(
      ({ method, path, summary }) =>
        `| ${method} \`${path}\` | \`${command.name}\` | ${summary ?? command.summary} | ${command.policy.scope} | ${seconds(command)} |`,
    ),
  );
  rows.push("| POST `/v1/commands/{Command}` | any | Call any command by its name | the command's | 30 s |");
  return ['| route | command | what it does | scope | waits |', '|---|---|---|---|---|', ...rows].join('\n');
}

function seconds({ policy }: CommandDefinition): string {
  return `${policy.timeoutMs / 1000} s`;
}

function errorsTable(): string {
  const rows = Object.entries({ ...GATEWAY_ERRORS, ...RCSP_ERRORS }).map(
    ([code, { status, meaning }]) => `| \`${code}\` | ${status} | ${meaning} |`,
  );
  return ['| code | status | what it means, what to do |', '|---|---|---|', ...rows].join('\n');
}

if (process.argv[1] === import.meta.filename) {
  const readme = readReadme();
  const text = withTables(readme);
  if (!process.argv.includes('--check')) writeFileSync(README_FILE, text);
  else if (readme !== text) {
    process.stderr.write('README.md has drifted: npm run readme writes its tables anew\n');
    process.exitCode = 1;
  }
}
