import type { UpdateKind } from './words.js';

/** A firmware update as the dialog asks for it. */
export interface UpdateOrder {
  readonly kind: UpdateKind;
  readonly fwPath: string;
  readonly force: boolean;
  readonly inBoot: boolean;
}
