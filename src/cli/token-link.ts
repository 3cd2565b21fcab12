/** `rcsp-gateway token link`: a URL that signs in once. */
import { networkInterfaces } from 'node:os';
import { Command } from 'commander';
import { isLoopbackName } from '../access/names.js';
import { createLink, LINK_MINUTES, SESSION_HOURS } from '../access/sign-in-links.js';
import { defaultTokenFile } from '../access/token-file.js';
import { ConfigError } from '../config/config-error.js';
import type { SettingValues } from '../config/settings.js';
import { bracketed, formatAddress } from '../util/address.js';
import { gatewayUrl } from './remote.js';

interface LinkOptions {
  readonly url?: string;
  readonly qr?: boolean;
  readonly config?: string;
  readonly tokens?: string;
}

interface Output {
  readonly print: (line: string) => void;
  /** Reports an error of the token file in one line. */
  readonly inWords: <T>(step: () => T) => T;
}

export function linkCommand({ print, inWords }: Output): Command {
  return new Command('link')
    .description(
      `print a URL that signs a browser in as a token: once, within ${LINK_MINUTES} minutes, for ${SESSION_HOURS} hours`,
    )
    .argument('<name>', 'the name of the token')
    .option(
      '--url <url>',
      'where browsers find the gateway (default: RCSP_GATEWAY_URL, or what serve is set to)',
    )
    .option('--qr', 'draw the URL as a QR code as well')
    .option('--config <file>', "the gateway's JSON file with settings")
    .option('--tokens <file>', 'where tokens are kept')
    .action(async (name: string, { url, qr, config, tokens }: LinkOptions) => {
      const { readSettings } = await import('../config/config.js');
      const { values: settings } = readSettings({ config, tokens }, process.env);
      const base = url ?? (process.env['RCSP_GATEWAY_URL'] || undefined);
      const page = base === undefined ? pageOf(settings) : gatewayUrl(base);
      const file = settings.tokens ?? defaultTokenFile(process.env);
      const link = linkTo(
        page,
        inWords(() => createLink(file, name)),
      );
      print(link);
      if (qr !== true) return;
      const { renderUnicodeCompact } = await import('uqr');
      const code = renderUnicodeCompact(link, { border: 4, ecc: 'L' });
      for (const line of qrLines(code, process.stdout.isTTY)) print(line);
      if (isLoopbackName(page.hostname)) process.stderr.write(`rcsp-gateway: ${LOOPBACK}\n`);
    });
}

const LOOPBACK =
  'another device cannot follow this URL, for its host is the device itself: say with --url how the gateway is reached';

function linkTo(page: URL, code: string): string {
  return `${page.href.replace(/\/?$/, '/')}#sign-in=${code}`;
}

/**
 * The gateway's own page by its settings: the first `--allowed-host` that is a whole name, else the address that it
 * listens on, else one of this machine's.
 */
function pageOf({ listen, tlsCert, allowedHost }: SettingValues): URL {
  if (listen.port === 0)
    throw new ConfigError('--listen has port 0, which says nothing about the URL: use --url');
  const isEvery = listen.host === '0.0.0.0' || listen.host === '::';
  const own = isEvery ? (ownAddress() ?? 'localhost') : listen.host;
  const host = allowedHost.find((each) => !each.startsWith('*')) ?? bracketed(own);
  return new URL(`${tlsCert === null ? 'http' : 'https'}://${formatAddress({ host, port: listen.port })}`);
}

/** The first address of this machine that others on its network can reach. */
function ownAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address;
}

/** Two rows of modules a line, light ones as blocks. A terminal is told the colours: it may be dark on light. */
function qrLines(code: string, isTerminal: boolean): string[] {
  const lines = code.split('\n');
  return isTerminal ? lines.map((line) => `\u001b[97;40m${line}\u001b[0m`) : lines;
}
