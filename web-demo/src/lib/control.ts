/** Takes control for the first change: where nobody holds the lease, nobody has to press a button before. */
import { RcspError } from '../../../src/client/index.js';

let takeFreeControl: (() => Promise<void>) | undefined;

/** Sets what takes the lease when nobody holds it. @returns what undoes it */
export function setControlTaker(take: () => Promise<void>): () => void {
  takeFreeControl = take;
  return () => {
    if (takeFreeControl === take) takeFreeControl = undefined;
  };
}

/** Whether the gateway refused a command because nobody holds the lease: it was not sent. */
function lacksControl(error: unknown): boolean {
  if (!(error instanceof RcspError)) return false;
  const { code, outcome, holder } = error;
  return code === 'Busy' && outcome === 'not-sent' && holder === undefined;
}

/**
 * Takes the lease when that nobody holds it is why the gateway refused a command.
 *
 * @returns whether it did, and the command may be sent once more
 * @throws RcspError when somebody else took the lease meanwhile
 */
export async function takesControlFor(error: unknown): Promise<boolean> {
  if (takeFreeControl === undefined || !lacksControl(error)) return false;
  await takeFreeControl();
  return true;
}
