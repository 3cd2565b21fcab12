/** Who this browser is for the gateway, and where the gateway is. The entry of the page needs no more. */

/**
 * Gateways below paths of one host have a token each, and the studios of a gateway share one.
 * web-demo/public/explorer.js reads it, too.
 */
function tokenKey(): string {
  const pathname = new URL('.', document.baseURI).pathname.replace(/\/studios\/[^/]+\/$/, '/');
  return pathname === '/' ? 'rcsp-gateway-token' : `rcsp-gateway-token ${pathname}`;
}

/** The token of this tab, or the one that is kept on this device. */
export function storedToken(): string | null {
  return sessionStorage.getItem(tokenKey()) ?? localStorage.getItem(tokenKey());
}

/** Whether the token outlives the tab. */
export function isTokenKept(): boolean {
  return localStorage.getItem(tokenKey()) !== null;
}

/** Keeps the token until the tab is closed; with `isKept`, on this device until it is forgotten. null forgets it. */
export function storeToken(token: string | null, isKept = false): void {
  sessionStorage.removeItem(tokenKey());
  localStorage.removeItem(tokenKey());
  if (token !== null) (isKept ? localStorage : sessionStorage).setItem(tokenKey(), token);
}

/** Calls `onForgotten` when another tab forgets the token that is kept on this device. @returns what ends that */
export function watchForgottenToken(onForgotten: () => void): () => void {
  const onStorage = ({ key, newValue }: StorageEvent): void => {
    if (key === tokenKey() && newValue === null && storedToken() === null) onForgotten();
  };
  window.addEventListener('storage', onStorage);
  return () => window.removeEventListener('storage', onStorage);
}

/** Resolves a path against the page's base: a reverse proxy may serve the page below a path. */
export function gatewayUrl(path: string): string {
  return new URL(path.replace(/^\//, ''), document.baseURI).href;
}
