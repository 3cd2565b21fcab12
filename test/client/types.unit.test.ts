import { expectTypeOf, test } from 'vitest';
import type { CallArguments, EventDataOf, RcspClient } from '../../src/client/index.js';

/** Checked by tsc, never run. */
export async function typed(studio: RcspClient): Promise<void> {
  const name = await studio.call('GetDeviceName', { DeviceId: 1 });
  expectTypeOf(name.DeviceName).toEqualTypeOf<string>();
  expectTypeOf(await studio.call('SetDeviceName', { DeviceId: 1, DeviceName: 'x' })).toEqualTypeOf<null>();
  expectTypeOf((await studio.call('GetFrameRate', { DeviceId: 1 })).FrameRate).toEqualTypeOf<number>();
  // @ts-expect-error DeviceId is missing
  await studio.call('GetDeviceName');
  // @ts-expect-error DeviceId is missing
  await studio.call('GetDeviceName', {});
  // @ts-expect-error DeviceId is a number
  await studio.call('GetDeviceName', { DeviceId: '1' });

  const { Devices } = await studio.call('ListDevices');
  expectTypeOf(Devices[0]!.DeviceId).toEqualTypeOf<number>();
  await studio.call('ListDevices', null, { timeoutMs: 100 });

  const answer = await studio.call('SomethingNew', { Anything: true });
  expectTypeOf(answer).toEqualTypeOf<Record<string, unknown> | null>();
  const chosen: string = 'Chosen';
  expectTypeOf(await studio.call(chosen)).toEqualTypeOf<Record<string, unknown> | null>();
}

/** Checked by tsc, never run. */
export function typedEvents(studio: RcspClient): void {
  studio.subscribe('Logs/*', { mode: 'latest' }, ({ event }) => {
    expectTypeOf(event.EventData.LogMsg).toEqualTypeOf<string>();
  });
  studio.subscribe('Elsewhere/*', ({ channel, event }) => {
    expectTypeOf(channel).toEqualTypeOf<string>();
    expectTypeOf(event.EventData).toEqualTypeOf<unknown>();
  });
  studio.on('state', ({ state }) => {
    expectTypeOf(state).toEqualTypeOf<'connecting' | 'open' | 'waiting' | 'refused' | 'closed'>();
  });
  // @ts-expect-error there is no such mode
  studio.subscribe('Logs/*', { mode: 'newest' }, () => undefined);
  // @ts-expect-error there is no such event
  studio.on('message', () => undefined);
}

test('arguments, answers and events are typed from the catalog', () => {
  expectTypeOf<CallArguments<'GetDeviceName'>['DeviceId']>().toEqualTypeOf<number>();
  expectTypeOf<EventDataOf<'devices/*/DeviceLogs/Error'>['SrcLocation']>().toEqualTypeOf<string>();
  expectTypeOf<EventDataOf<'*/*'>>().toEqualTypeOf<unknown>();
  expectTypeOf<EventDataOf<string>>().toEqualTypeOf<unknown>();
});
