import { Store } from './store.js';
import { studioKey } from './studio-path.js';
import { addressOf, fileOf, layoutFromAddress, layoutFromFile, LayoutError, NO_LAYOUT } from './layout.js';
import type { Layout } from './layout.js';

const KEY = 'rcsp-layout';
const PARAMETER = 'layout';

export interface LayoutState {
  readonly layout: Layout;
  /** Why the address or what is kept could not be read. */
  readonly problem: string | undefined;
}

/** Who wears what: kept in this browser for each studio. A layout in the address outranks it until it is changed. */
class LayoutStore extends Store {
  #state: LayoutState = read();

  readonly snapshot = (): LayoutState => this.#state;

  set(layout: Layout): void {
    this.#state = { layout, problem: undefined };
    try {
      localStorage.setItem(studioKey(KEY), fileOf(layout));
    } catch {
      // Kept until the page is left.
    }
    const address = new URL(location.href);
    if (address.searchParams.has(PARAMETER)) {
      address.searchParams.delete(PARAMETER);
      history.replaceState(history.state, '', address);
    }
    this.notify();
  }

  /** An address that shows a layout on another screen. */
  link(layout: Layout): string {
    const address = new URL(document.baseURI);
    address.search = '';
    address.hash = '#/';
    // Readable: only what a query may not hold is escaped.
    const text = encodeURIComponent(addressOf(layout))
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%3B', ';');
    address.search = `?${PARAMETER}=${text}`;
    return address.href;
  }
}

function read(): LayoutState {
  const inAddress = new URLSearchParams(location.search).get(PARAMETER);
  try {
    if (inAddress !== null) return { layout: layoutFromAddress(inAddress), problem: undefined };
  } catch (error) {
    return { layout: NO_LAYOUT, problem: `The layout in the address cannot be read. ${reasonOf(error)}` };
  }
  const kept = keptText();
  if (kept === null) return { layout: NO_LAYOUT, problem: undefined };
  try {
    return { layout: layoutFromFile(kept), problem: undefined };
  } catch (error) {
    return { layout: NO_LAYOUT, problem: `The kept performers cannot be read. ${reasonOf(error)}` };
  }
}

function keptText(): string | null {
  try {
    return localStorage.getItem(studioKey(KEY));
  } catch {
    return null;
  }
}

export function reasonOf(error: unknown): string {
  return error instanceof LayoutError ? error.message : String(error);
}

export const layoutStore = new LayoutStore();
