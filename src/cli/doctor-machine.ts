/** What `doctor` finds out about the settings and this machine. It changes nothing. */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, isIP } from 'node:net';
import { readTokens } from '../access/token-file.js';
import { fileWarnings, isLoopback } from '../config/config.js';
import type { Config } from '../config/config.js';
import { formatAddress } from '../util/address.js';
import { codeOf } from './doctor-studio.js';
import { ok, unchecked, warning, wrong } from './finding.js';
import type { Finding } from './finding.js';

const DAY_MS = 86_400_000;
/** A clock that is before this version was written is wrong. */
const WRITTEN_AT = Date.parse('2026-11-25');
/** systemd-timesyncd keeps the second while the clock is synchronised. */
const TIMESYNC = ['/run/systemd/timesync', '/run/systemd/timesync/synchronized'] as const;

export async function examineMachine(config: Config, now: number): Promise<readonly Finding[]> {
  return [
    clockFinding(config, now),
    tokensFinding(config, now),
    certificateFinding(config, now),
    await listenFinding(config),
    proxyFinding(config),
  ];
}

function clockFinding(config: Config, now: number): Finding {
  const time = new Date(now).toISOString();
  const made =
    config.auth === 'off' ? [] : readTokens(config.tokens).map(({ createdAt }) => Date.parse(createdAt));
  const floor = Math.max(WRITTEN_AT, ...made);
  if (now < floor) {
    return wrong(
      'clock',
      `this machine says that it is ${time}, which is before ${new Date(floor).toISOString()}`,
      'Set it: the expiry of tokens, certificates and the times of events go by it.',
    );
  }
  const [folder, mark] = TIMESYNC;
  return existsSync(folder) && !existsSync(mark)
    ? warning('clock', `${time}, and not synchronised`, 'timedatectl set-ntp true synchronises it.')
    : ok('clock', time);
}

function tokensFinding(config: Config, now: number): Finding {
  const where = formatAddress(config.listen);
  if (config.auth === 'off') {
    return warning(
      'tokens',
      `--no-auth: whoever reaches ${where} commands the studio`,
      'Make tokens, and leave it out.',
    );
  }
  const tokens = readTokens(config.tokens);
  const isOver = ({ expiresAt }: { expiresAt: string | null }, at: number): boolean =>
    expiresAt !== null && Date.parse(expiresAt) <= at;
  const valid = tokens.filter((token) => !isOver(token, now));
  const ending = valid.filter((token) => isOver(token, now + 7 * DAY_MS)).map(({ name }) => name);
  const count = valid.length + config.tokenHashes.length;
  const [fileWarning] = fileWarnings(config);
  if (fileWarning !== undefined) return warning('tokens', fileWarning);
  if (ending.length > 0) {
    return warning(
      'tokens',
      `expiring within a week: ${ending.join(', ')}`,
      'Make new ones with token create.',
    );
  }
  const text = `${count} valid in ${config.tokens}`;
  return ok('tokens', config.auth === 'offered' ? `none needed on ${where}; ${text}` : text);
}

function certificateFinding({ tlsCert, listen, allowedHost, trustProxy }: Config, now: number): Finding {
  if (tlsCert === null) {
    if (isLoopback(listen.host) || trustProxy.length > 0) return unchecked('certificate', 'plain HTTP');
    return warning(
      'certificate',
      'plain HTTP: tokens and answers can be read on the way',
      'Use --tls-cert and --tls-key, or a reverse proxy with TLS.',
    );
  }
  const certificate = new X509Certificate(readFileSync(tlsCert));
  const until = Date.parse(certificate.validTo);
  const day = new Date(until).toISOString().slice(0, 10);
  if (until <= now)
    return wrong('certificate', `${tlsCert} expired on ${day}`, 'Renew it; the gateway reads it anew.');
  if (Date.parse(certificate.validFrom) > now) {
    return wrong('certificate', `${tlsCert} is not valid yet`, 'Is the clock right?');
  }
  const foreign = allowedHost.filter((name) => !isNamed(certificate, name));
  if (foreign.length > 0) {
    return warning(
      'certificate',
      `${tlsCert} does not name ${foreign.join(', ')}`,
      'Browsers will refuse it there.',
    );
  }
  if (until - now < 14 * DAY_MS) return warning('certificate', `${tlsCert} expires on ${day}`, 'Renew it.');
  return ok('certificate', `${tlsCert}, valid until ${day}`);
}

/** A pattern such as `*.local` is not compared. */
function isNamed(certificate: X509Certificate, name: string): boolean {
  const bare = name.replace(/^\[|\]$/g, '');
  const found = isIP(bare) === 0 ? certificate.checkHost(name) : certificate.checkIP(bare);
  return name.startsWith('*') || found !== undefined;
}

async function listenFinding({ listen, allowedHost, tlsCert }: Config): Promise<Finding> {
  const where = formatAddress(listen);
  const server = createServer();
  try {
    server.listen({ ...listen, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    return await takenFinding(where, codeOf(error), tlsCert !== null);
  } finally {
    server.close();
  }
  if (isLoopback(listen.host)) return ok('listen', `${where} is free; only this machine reaches it`);
  return allowedHost.length > 0
    ? ok('listen', `${where} is free; others reach it`)
    : warning(
        'listen',
        `${where} is free; others reach it by its address alone`,
        'To let them use a name, say it with --allowed-host.',
      );
}

async function takenFinding(where: string, code: string, isTls: boolean): Promise<Finding> {
  if (code === 'EACCES') {
    return wrong(
      'listen',
      `${where} is not allowed (${code})`,
      'Ports below 1024 need a right of their own: use another, or a proxy.',
    );
  }
  if (code !== 'EADDRINUSE')
    return wrong('listen', `${where} cannot be had (${code})`, 'Is it an address of this machine?');
  if (isTls) return warning('listen', `${where} is in use`, 'By a gateway that runs, or by another program?');
  const url = `http://${where.replace('0.0.0.0', '127.0.0.1').replace('[::]', '[::1]')}/live`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.headers.has('x-track-id') === true
    ? ok('listen', `a gateway is running at ${where}`)
    : wrong(
        'listen',
        `another program has ${where} (${code})`,
        'Stop it, or say another address with --listen.',
      );
}

function proxyFinding({ trustProxy, auth, allowedHost }: Config): Finding {
  if (trustProxy.length === 0) return ok('proxy', 'none is trusted: X-Forwarded-* headers are not looked at');
  const trusted = `${trustProxy.join(', ')} may say who the client is`;
  if (auth === 'offered') {
    return warning(
      'proxy',
      `${trusted}; whoever comes through the proxy needs no token`,
      'Say --tokens: behind a proxy, loopback is not only this machine.',
    );
  }
  return allowedHost.length > 0
    ? ok('proxy', trusted)
    : warning(
        'proxy',
        trusted,
        "Say the proxy's name with --allowed-host: requests by another name are refused.",
      );
}
