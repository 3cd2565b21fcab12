/**
 * Writes what is generated in docs/ anew: tables, from what they describe, between `<!-- name -->` and
 * `<!-- /name -->`; the code block after `<!-- file:path -->`, from that file. `--check` fails when one has drifted.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from '../src/catalog/index.js';
import type { CommandDefinition } from '../src/catalog/index.js';
import { relaySettingsTable } from '../src/config/relay-server-settings.js';
import { settingsTable } from '../src/config/settings.js';
import { GATEWAY_ERRORS, RCSP_ERRORS } from '../src/errors/errors.js';
import { PACKAGE_ROOT } from '../src/util/package-info.js';

interface Table {
  /** Relative to the package's root. */
  readonly document: string;
  readonly text: () => string;
}

const TABLES: Readonly<Record<string, Table>> = {
  settings: { document: 'docs/configuration.md', text: settingsTable },
  'relay-settings': { document: 'docs/remote.md', text: relaySettingsTable },
  routes: { document: 'docs/http-api.md', text: routesTable },
  errors: { document: 'docs/errors.md', text: errorsTable },
};

/** Everything that has generated parts, relative to the package's root. */
export function documents(): readonly string[] {
  const docs = readdirSync(join(PACKAGE_ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.map((name) => `docs/${name}`)];
}

export function readDocument(document: string): string {
  return readFileSync(join(PACKAGE_ROOT, document), 'utf8');
}

/**
 * The document's text with every generated part written anew.
 *
 * @throws Error when a table has no place in its document
 */
export function regenerated(document: string, text: string): string {
  const tables = Object.entries(TABLES).filter(([, table]) => table.document === document);
  return withFiles(tables.reduce((before, [name, table]) => withTable(before, name, table), text));
}

function withTable(text: string, name: string, table: Table): string {
  const block = new RegExp(`<!-- ${name} -->[\\s\\S]*?<!-- /${name} -->`);
  if (!block.test(text)) throw new Error(`${table.document} has no place for the ${name}`);
  return text.replace(block, () => `<!-- ${name} -->\n\n${table.text()}\n\n<!-- /${name} -->`);
}

function withFiles(text: string): string {
  return text.replace(
    /(<!-- file:(\S+) -->\n\n```\w+\n)[\s\S]*?\n(```\n)/g,
    (_block, start: string, path: string, end: string) => `${start}${readDocument(path).trimEnd()}\n${end}`,
  );
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

function writeAll(isCheck: boolean): void {
  for (const document of documents()) {
    const before = readDocument(document);
    const after = regenerated(document, before);
    if (before === after) continue;
    if (!isCheck) writeFileSync(join(PACKAGE_ROOT, document), after);
    else {
      process.stderr.write(`${document} has drifted: npm run readme writes its generated parts anew\n`);
      process.exitCode = 1;
    }
  }
}

if (process.argv[1] === import.meta.filename) writeAll(process.argv.includes('--check'));
