import { RcspClient } from '../../../src/client/index.js';
import type { AnyCommand, CallParameters, CallResponse } from '../../../src/client/index.js';
import { takesControlFor } from './control.js';

/** A view reads by itself: that must not take control. */
const READS = /^(Get|List|Read|Load|Info$)/;

/** The page's connection. Its writes take control where nobody holds it. */
export class PageClient extends RcspClient {
  override async call<const Name extends AnyCommand>(
    name: Name,
    ...rest: CallParameters<Name>
  ): Promise<CallResponse<Name>> {
    try {
      return await super.call(name, ...rest);
    } catch (error) {
      if (READS.test(name) || !(await takesControlFor(error))) throw error;
      return super.call(name, ...rest);
    }
  }
}
