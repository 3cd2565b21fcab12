/** Which proxy leads to a URL: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, as curl reads them. */

/**
 * Undefined for none. A line is always a tunnel, so a relay without TLS may be reached through `HTTPS_PROXY` as well.
 *
 * @throws Error when the variable holds no URL of an HTTP proxy
 */
export function proxyOf(url: URL, env: NodeJS.ProcessEnv): URL | undefined {
  if (isExempt(url, said(env, 'no_proxy') ?? '')) return undefined;
  const secure = said(env, 'https_proxy');
  // The capital variant of a CGI program's environment is the caller's to set; see https://httpoxy.org.
  const text = url.protocol === 'https:' ? secure : env['http_proxy'] || secure;
  if (text === undefined) return undefined;
  const full = text.includes('://') ? text : `http://${text}`;
  const proxy = URL.canParse(full) ? new URL(full) : undefined;
  if (proxy?.protocol === 'http:' || proxy?.protocol === 'https:') return proxy;
  throw new Error('HTTPS_PROXY must be the URL of an HTTP proxy, such as http://proxy.example:3128');
}

function said(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name] || env[name.toUpperCase()] || undefined;
}

/** `example.com` and `.example.com` stand for the name and all below it. */
function isExempt({ hostname, port, protocol }: URL, list: string): boolean {
  const own = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  return list
    .split(/[\s,]+/)
    .filter((each) => each !== '')
    .some((each) => {
      if (each === '*') return true;
      const [, name = '', at] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(each.toLowerCase()) ?? [];
      const suffix = name.replace(/^\*?\./, '');
      const fits = hostname === suffix || hostname === `[${suffix}]` || hostname.endsWith(`.${suffix}`);
      return suffix !== '' && fits && (at === undefined || at === own);
    });
}
