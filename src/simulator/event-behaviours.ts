/** Event commands: subscriptions of the receiving connection, and test events. */
import type { PublisherDefinition } from '../catalog/rcsp/publishers.js';
import { PUBLISHERS } from '../catalog/rcsp/publishers.js';
import {
  deviceSubscribe,
  deviceUnsubscribe,
  listPublishers,
  subscribe,
  testEvent,
  unsubscribe,
} from '../catalog/rcsp/event-commands.js';
import type { ServerBehaviour, Studio } from './behaviour.js';
import { serverBehaviour } from './behaviour.js';
import { CommandFailure } from './failure.js';
import { sampleEvent } from './sample-events.js';
import type { Publisher } from './subscription-set.js';

type Target = PublisherDefinition['target'];

export const EVENT_BEHAVIOURS: ReadonlyMap<string, ServerBehaviour> = new Map([
  [
    'ListPublishers',
    serverBehaviour(listPublishers.arguments, ({ DeviceId }, { studio }) => {
      if (DeviceId == null) return { Publishers: publishersOf('server') };
      studio.world.device(DeviceId);
      return { Publishers: publishersOf('device') };
    }),
  ],
  [
    'Subscribe',
    serverBehaviour(subscribe.arguments, ({ Publishers }, { subscriptions }) => {
      checkPublishers('server', Publishers);
      subscriptions.add(Publishers);
    }),
  ],
  [
    'Unsubscribe',
    serverBehaviour(unsubscribe.arguments, ({ Publishers }, { subscriptions }) => {
      checkPublishers('server', Publishers);
      subscriptions.remove(Publishers);
    }),
  ],
  [
    'DeviceSubscribe',
    serverBehaviour(deviceSubscribe.arguments, ({ DeviceId, Publishers }, { studio, subscriptions }) => {
      const { id } = studio.world.device(DeviceId);
      checkPublishers('device', Publishers);
      subscriptions.add(Publishers, id);
    }),
  ],
  [
    // A client may unsubscribe from a device that has disconnected.
    'DeviceUnsubscribe',
    serverBehaviour(deviceUnsubscribe.arguments, ({ DeviceId, Publishers }, { subscriptions }) => {
      checkPublishers('device', Publishers);
      subscriptions.remove(Publishers, DeviceId);
    }),
  ],
  [
    'TestEvent',
    serverBehaviour(testEvent.arguments, ({ Publisher, Topic }, { studio }) => {
      publishTestEvent(studio, Publisher, Topic);
    }),
  ],
]);

/** Commands that also accept `Publishers` as `Subscriptions`, the name in the specification's example. */
export const SUBSCRIPTION_COMMANDS: ReadonlySet<string> = new Set([
  'Subscribe',
  'Unsubscribe',
  'DeviceSubscribe',
  'DeviceUnsubscribe',
]);

function publishersOf(target: Target): Publisher[] {
  return PUBLISHERS.filter((one) => one.target === target).map((one) => ({
    Publisher: one.name,
    Topics: [...one.topics],
  }));
}

function has(target: Target, publisher: string, topic: string): boolean {
  return publishersOf(target).some(
    ({ Publisher, Topics }) => Publisher === publisher && Topics.includes(topic),
  );
}

/** All or nothing: the first unknown one refuses the request. */
function checkPublishers(target: Target, publishers: readonly Publisher[]): void {
  const known = publishersOf(target);
  for (const { Publisher, Topics } of publishers) {
    const found = known.find((one) => one.Publisher === Publisher);
    if (found === undefined) throw unknown(target, `publisher ${Publisher}`);
    const stray = Topics.find((topic) => !found.Topics.includes(topic));
    if (stray !== undefined) throw unknown(target, `topic ${Publisher}/${stray}`);
  }
}

function unknown(target: Target, what: string): CommandFailure {
  return new CommandFailure('Invalid value', `Publishers: there is no ${target} ${what}`);
}

function publishTestEvent(studio: Studio, publisher: string, topic: string): void {
  if (has('server', publisher, topic)) {
    studio.emit(publisher, topic, sampleEvent(studio.world, publisher, topic));
  } else if (has('device', publisher, topic)) {
    for (const id of studio.subscribedDevices(publisher, topic)) {
      studio.emit(publisher, topic, sampleEvent(studio.world, publisher, topic, id), id);
    }
  } else {
    throw new CommandFailure('Invalid value', `there is no topic ${publisher}/${topic}`);
  }
}
