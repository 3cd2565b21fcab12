/** `rcsp-gateway doctor`: says in plain words what is wrong. */
import { Command } from 'commander';
import { ConfigError, loadConfig } from '../config/config.js';
import type { Config, Values } from '../config/config.js';
import { variableOf } from '../config/setting-names.js';
import { SETTINGS } from '../config/settings.js';
import { readStudiosFile } from '../config/studios-file.js';
import type { Address } from '../util/address.js';
import { printableLine } from '../util/printable.js';
import { examineMachine } from './doctor-machine.js';
import { examineStudio } from './doctor-studio.js';
import type { StudioOptions } from './doctor-studio.js';
import { examineUrl } from './doctor-url.js';
import { ok, unchecked, wrong } from './finding.js';
import type { Finding } from './finding.js';
import { cacertOption, tokenOption } from './options.js';
import { addSettings, saidSettings } from './setting-options.js';

type Print = (line: string) => void;

/** How long a studio may take to accept a connection, or to answer, at most. */
const STUDIO_TIMEOUT_MS = 5000;

const MARKS = { ok: 'ok', warning: 'warning', wrong: 'WRONG', none: '-' } as const;

interface DoctorOptions {
  readonly url?: string;
  readonly token?: string;
  readonly cacert?: string;
  readonly [setting: string]: unknown;
}

export function doctorCommand(print: Print): Command {
  const command = new Command('doctor')
    .description('check the studio, the settings and this machine, and say what is wrong')
    .option('--url <url>', 'check a running gateway too, through the proxy in front of it')
    .addOption(tokenOption())
    .addOption(cacertOption())
    .addHelpText(
      'after',
      '\nIt takes every setting of serve. Exit codes: 0 nothing is wrong, 1 something is, 2 bad command line.',
    );
  return addSettings(command, SETTINGS).action(async ({ url, token, cacert, ...flags }: DoctorOptions) => {
    const findings = await examine(saidSettings(flags), process.env);
    if (url !== undefined) findings.push(...(await examineUrl({ url, token, cacert })));
    for (const line of report(findings)) print(line);
    process.exitCode = findings.some(({ verdict }) => verdict === 'wrong') ? 1 : 0;
  });
}

/** @throws ConfigError when not even the studio's address makes sense */
async function examine(flags: Values, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const { config, finding } = readSettings(flags, env);
  const studios = await studioFindings(config);
  // With settings that do not hold, what else they say cannot be judged.
  const machine = finding.verdict === 'ok' ? await examineMachine(config, Date.now()) : [];
  return [...studios, finding, ...machine];
}

/** With several studios, each check names its studio. */
async function studioFindings(config: Config): Promise<readonly Finding[]> {
  const file = config.studiosFile === null ? [] : readStudiosFile(config.studiosFile).studios;
  const studios = [...config.studios, ...file];
  const findings = await Promise.all(
    studios.map(async ({ name, address }) => {
      const found =
        address === null
          ? [unchecked('studio', 'simulated')]
          : await examineStudio(optionsOf(address, config));
      return studios.length === 1
        ? found
        : found.map((each) => ({ ...each, check: `${name}: ${each.check}` }));
    }),
  );
  return findings.flat();
}

function optionsOf(address: Address, { poolSize, connectTimeout }: Config): StudioOptions {
  return { address, connections: poolSize + 1, timeoutMs: Math.min(connectTimeout, STUDIO_TIMEOUT_MS) };
}

/** Settings that stop the start must not keep the studio from being checked. */
function readSettings(flags: Values, env: NodeJS.ProcessEnv): { config: Config; finding: Finding } {
  try {
    return { config: loadConfig(flags, env), finding: ok('settings', 'they hold') };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { rcsp, simulate } = flags;
    const config = loadConfig({ rcsp, simulate }, { [variableOf('rcsp')]: env[variableOf('rcsp')] });
    return { config, finding: wrong('settings', error.message, 'serve does not start with these settings.') };
  }
}

function report(findings: readonly Finding[]): readonly string[] {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, verdict, text, advice }) => [
    `${MARKS[verdict].padEnd(8)} ${check.padEnd(width)}  ${printableLine(text)}`,
    ...(advice === undefined ? [] : [`${' '.repeat(9 + width)}  → ${advice}`]),
  ]);
  const count = (verdict: Finding['verdict']): number =>
    findings.filter((each) => each.verdict === verdict).length;
  const [problems, warnings] = [count('wrong'), count('warning')];
  return [...lines, '', `${problems === 0 ? 'nothing is' : problems} wrong; warnings: ${warnings}`];
}
