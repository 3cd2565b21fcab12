import { expectTypeOf, test } from 'vitest';
import type { z } from 'zod';
import type * as protocol from '../../src/events/protocol.js';
import type * as wire from '../../src/wire/messages.js';

/** Run by the type checker: what one side writes, the other side's schema reads. */
test('the zod schemas of messages fit the types of the wire in both directions', () => {
  expectTypeOf<z.output<typeof protocol.clientMessage>>().toExtend<wire.ClientMessage>();
  expectTypeOf<wire.SubscribedMessage['op']>().toEqualTypeOf<
    z.output<typeof protocol.subscribedMessage>['op']
  >();
  expectTypeOf<wire.GapMessage>().toExtend<z.input<typeof protocol.gapMessage>>();
  expectTypeOf<z.output<typeof protocol.gapMessage>>().toExtend<wire.GapMessage>();
  expectTypeOf<wire.PongMessage>().toExtend<z.input<typeof protocol.pongMessage>>();
  type Response = z.output<typeof protocol.responseMessage>;
  expectTypeOf<wire.ResponseMessage['status']>().toEqualTypeOf<Response['status']>();
  expectTypeOf<z.output<typeof protocol.eventMessage>['event']>().toExtend<wire.EventMessage['event']>();
});
