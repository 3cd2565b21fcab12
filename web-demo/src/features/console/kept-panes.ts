import type { Result } from './answer-view.js';
import type { JsonObject } from './json.js';

/** What a command's pane held when it was left. */
export interface KeptPane {
  readonly data: JsonObject | undefined;
  readonly result: Result | undefined;
}

const MAX_PANES = 60;
/** In memory only: forms may hold keys. */
const panes = new Map<string, KeptPane>();

export function keptPane(operation: string): KeptPane {
  return panes.get(operation) ?? { data: undefined, result: undefined };
}

export function keepPane(operation: string, changes: Partial<KeptPane>): void {
  const pane = { ...keptPane(operation), ...changes };
  panes.delete(operation);
  const [oldest] = panes.keys();
  if (panes.size >= MAX_PANES && oldest !== undefined) panes.delete(oldest);
  panes.set(operation, pane);
}
