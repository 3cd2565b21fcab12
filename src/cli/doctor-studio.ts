/** What `doctor` finds out about a studio: it connects as the gateway would, and sends Info and ListCommands only. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { z } from 'zod';
import { COMMANDS } from '../catalog/index.js';
import type { CommandDefinition } from '../catalog/index.js';
import { HEADER_VERSION } from '../upstreams/rcsp/protocol/frame.js';
import { formatAddress } from '../util/address.js';
import type { Address } from '../util/address.js';
import { ok, unchecked, warning, wrong } from './finding.js';
import type { Finding } from './finding.js';
import { ProbeError, RcspProbe } from './rcsp-probe.js';

export interface StudioOptions {
  readonly address: Address;
  /** Connections that the gateway would open. */
  readonly connections: number;
  readonly timeoutMs: number;
}

const CHECKS = ['name', 'port', 'protocol', 'versions', 'connections'] as const;

const Version = z.object({ Major: z.number(), Minor: z.number(), Patch: z.number(), Build: z.number() });
const Info = z.looseObject({
  AppVersion: Version.optional().catch(undefined),
  SupportedHeaderVersions: z.array(z.number()).optional().catch(undefined),
  SystemName: z.string().optional().catch(undefined),
});
const Listing = z.looseObject({
  Commands: z.array(z.looseObject({ Command: z.string(), Version: z.number().optional().catch(undefined) })),
});

/** The checks in order; what cannot be checked because an earlier one failed is said to be unchecked. */
export async function examineStudio(options: StudioOptions): Promise<readonly Finding[]> {
  const findings: Finding[] = [await nameFinding(options.address)];
  if (!hasFailed(findings)) findings.push(...(await connectionFindings(options)));
  const missing = CHECKS.slice(findings.length);
  return [...findings, ...missing.map((check) => unchecked(check, 'not checked'))];
}

function hasFailed(findings: readonly Finding[]): boolean {
  return findings.some(({ verdict }) => verdict === 'wrong');
}

async function nameFinding({ host }: Address): Promise<Finding> {
  if (isIP(host) !== 0) return ok('name', `${host} is an address`);
  try {
    const found = await lookup(host, { all: true });
    return ok('name', `${host} is ${found.map(({ address }) => address).join(', ')}`);
  } catch (error) {
    return wrong(
      'name',
      `nobody knows the name ${host} (${codeOf(error)})`,
      'Check its spelling, or use the address.',
    );
  }
}

async function connectionFindings(options: StudioOptions): Promise<readonly Finding[]> {
  const { address, timeoutMs } = options;
  const started = performance.now();
  let probe: RcspProbe;
  try {
    probe = await RcspProbe.open(address, timeoutMs);
  } catch (error) {
    return [portFailure(address, error)];
  }
  const port = ok('port', `${formatAddress(address)} accepts connections (${since(started)})`);
  try {
    const asked = performance.now();
    const info = await probe.ask('Info');
    const protocol = ok('protocol', `it speaks RCSP, and answered Info in ${since(asked)}`);
    const versions = await versionsFinding(probe, info);
    return [port, protocol, versions, await countFinding(probe, options)];
  } catch (error) {
    if (error instanceof ProbeError) return [port, wrong('protocol', error.message, PROTOCOL_ADVICE)];
    throw error;
  } finally {
    probe.close();
  }
}

const PROTOCOL_ADVICE =
  'RCSP is at port 45451 unless the driver was told otherwise. A studio that is full, or hangs, looks like this too.';

function portFailure(address: Address, error: unknown): Finding {
  const where = formatAddress(address);
  const code = codeOf(error);
  if (code === 'ECONNREFUSED') {
    return wrong(
      'port',
      `nothing listens at ${where} (${code})`,
      'Is the device driver running? Is this its port? Does it listen on this address, or on 127.0.0.1 alone?',
    );
  }
  const reason = error instanceof ProbeError ? error.message : code;
  return wrong(
    'port',
    `${where} cannot be reached (${reason})`,
    'Is the machine on, and does a firewall let this port in?',
  );
}

async function versionsFinding(probe: RcspProbe, answer: unknown): Promise<Finding> {
  const {
    AppVersion: app,
    SupportedHeaderVersions: headers,
    SystemName: system,
  } = Info.catch({}).parse(answer ?? {});
  const version = app === undefined ? 'unknown' : [app.Major, app.Minor, app.Patch, app.Build].join('.');
  const what = `studio ${version} on ${system ?? 'an unknown system'}`;
  if (headers !== undefined && !headers.includes(HEADER_VERSION)) {
    return wrong(
      'versions',
      `${what} takes headers of the versions ${headers.join(', ')}, not ${HEADER_VERSION}`,
    );
  }
  let listing: unknown;
  try {
    listing = await probe.ask('ListCommands');
  } catch (error) {
    return warning('versions', `${what}; ${(error as Error).message}`);
  }
  const parsed = Listing.safeParse(listing);
  if (!parsed.success) return warning('versions', `${what}; its list of commands cannot be read`);
  return ok('versions', `${what}; ${comparison(parsed.data.Commands)}`);
}

/** A newer version of a command is no mistake: the gateway sends the one that it knows. */
function comparison(listed: readonly { Command: string; Version?: number | undefined }[]): string {
  const known = new Map(
    (COMMANDS as readonly CommandDefinition[]).map(({ name, version }) => [name, version]),
  );
  const unknown = listed.filter(({ Command }) => !known.has(Command)).length;
  const newer = listed.filter(({ Command, Version = 1 }) => Version > (known.get(Command) ?? Infinity));
  const names = newer.map(({ Command, Version }) => `${Command} ${Version}`).join(', ');
  return (
    `it lists ${listed.length} commands, ${unknown} of them without a route of their own` +
    (names === '' ? '' : `; newer than the gateway knows: ${names}`)
  );
}

/** The first connection stays open and counts. */
async function countFinding(first: RcspProbe, options: StudioOptions): Promise<Finding> {
  const { address, connections, timeoutMs } = options;
  const others = await Promise.all(
    Array.from({ length: connections - 1 }, () => openAndAsk(address, timeoutMs)),
  );
  const count = 1 + others.filter((each) => each !== undefined).length;
  for (const each of others) each?.close();
  const isFirstThere = await first.ask('Info').then(
    () => true,
    () => false,
  );
  if (count === connections && isFirstThere) return ok('connections', `${count} of ${connections}`);
  return warning(
    'connections',
    `${isFirstThere ? count : count - 1} of ${connections}: the studio accepts no more`,
    'The gateway works with one. Other clients, and a gateway that runs, take some; --pool-size sets how many it asks for.',
  );
}

async function openAndAsk(address: Address, timeoutMs: number): Promise<RcspProbe | undefined> {
  let probe: RcspProbe | undefined;
  try {
    probe = await RcspProbe.open(address, timeoutMs);
    await probe.ask('Info');
    return probe;
  } catch {
    // Not accepted: that is what is counted.
    probe?.close();
    return undefined;
  }
}

function since(started: number): string {
  return `${Math.max(1, Math.round(performance.now() - started))} ms`;
}

/** An AggregateError of several tried addresses has a code of its own. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}
