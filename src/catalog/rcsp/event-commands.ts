/** Commands about what the studio publishes. */
import { z } from 'zod';
import { defineCommand } from '../define.js';
import { deviceId, publisher, publisherName, publisherSelections, topicName } from './fields.js';
import { read, subscription, write } from './policies.js';

const HELD_BY_GATEWAY =
  'The subscription is held by the gateway, for all of its clients: events go into the history of their ' +
  'channels even while nobody listens. A client that only wants to listen needs no subscription of this ' +
  'kind; opening a channel is enough.';

const RELEASED_BY_GATEWAY =
  'Ends what the gateway holds. Channels that clients are listening to stay subscribed until the last of ' +
  'them leaves.';

/** `rcsp_subscription_arg`. The specification's one example says `Subscriptions`; its table says `Publishers`. */
const subscriptionArguments = z.looseObject({ Publishers: publisherSelections });

/** `rcsp_device_subscribe_arg`. */
const deviceSubscriptionArguments = z.looseObject({ DeviceId: deviceId, Publishers: publisherSelections });

const subscriptionExample = {
  Publishers: [
    { Publisher: 'DeviceEvents', Topics: ['Connected', 'Disconnected'] },
    { Publisher: 'Logs', Topics: ['Warning'] },
  ],
};

const deviceSubscriptionExample = {
  DeviceId: 2,
  Publishers: [
    { Publisher: 'DeviceLogs', Topics: ['Error', 'Warning'] },
    { Publisher: 'DeviceEvents', Topics: ['ButtonPushed'] },
  ],
};

/** `rcsp_publisher_list`; the argument is `opt_device_id_arg`. */
export const listPublishers = defineCommand({
  name: 'ListPublishers',
  specOrder: 7,
  version: 1,
  target: 'server',
  tag: 'Events',
  summary: "List the studio's publishers",
  description:
    'Who publishes events, and under which topics. This list is the truth; the specification names only the ' +
    'usual ones. Without a device: the publishers of the studio. With one: those of that device.',
  arguments: z.looseObject({
    DeviceId: deviceId
      .nullish()
      .describe("Number of the device whose publishers are asked for; without it, the studio's."),
  }),
  response: z.looseObject({ Publishers: z.array(publisher).describe('Publishers with their topics.') }),
  example: {
    arguments: {},
    response: {
      Publishers: [
        { Publisher: 'DeviceEvents', Topics: ['Connected', 'Disconnected', 'Calibrated'] },
        { Publisher: 'Logs', Topics: ['Error', 'Warning', 'Info'] },
        { Publisher: 'UpdateFwEvents', Topics: ['Progress', 'Failure', 'Done'] },
      ],
    },
  },
  policy: read(),
  routes: [
    { method: 'GET', path: '/v1/publishers' },
    {
      method: 'GET',
      path: '/v1/devices/{DeviceId}/publishers',
      operationId: 'ListDevicePublishers',
      summary: "List a device's publishers",
    },
  ],
});

/** Answers `rcsp_response_ok`. */
export const subscribe = defineCommand({
  name: 'Subscribe',
  specOrder: 8,
  version: 1,
  target: 'server',
  tag: 'Events',
  summary: "Hold a subscription to the studio's events",
  description: HELD_BY_GATEWAY,
  arguments: subscriptionArguments,
  response: null,
  example: { arguments: subscriptionExample, response: null },
  policy: subscription(),
  routes: [{ method: 'POST', path: '/v1/subscribe' }],
});

/** Answers `rcsp_response_ok`. */
export const unsubscribe = defineCommand({
  name: 'Unsubscribe',
  specOrder: 9,
  version: 1,
  target: 'server',
  tag: 'Events',
  summary: "Release a subscription to the studio's events",
  description: RELEASED_BY_GATEWAY,
  arguments: subscriptionArguments,
  response: null,
  example: { arguments: subscriptionExample, response: null },
  policy: subscription(),
  routes: [{ method: 'POST', path: '/v1/unsubscribe' }],
});

/** Answers `rcsp_response_ok`. */
export const deviceSubscribe = defineCommand({
  name: 'DeviceSubscribe',
  specOrder: 10,
  version: 1,
  target: 'server',
  tag: 'Events',
  summary: "Hold a subscription to a device's events",
  description: HELD_BY_GATEWAY,
  arguments: deviceSubscriptionArguments,
  response: null,
  example: { arguments: deviceSubscriptionExample, response: null },
  policy: subscription(),
  routes: [{ method: 'POST', path: '/v1/devices/{DeviceId}/subscribe' }],
});

/** Answers `rcsp_response_ok`. */
export const deviceUnsubscribe = defineCommand({
  name: 'DeviceUnsubscribe',
  specOrder: 11,
  version: 1,
  target: 'server',
  tag: 'Events',
  summary: "Release a subscription to a device's events",
  description: RELEASED_BY_GATEWAY,
  arguments: deviceSubscriptionArguments,
  response: null,
  example: { arguments: deviceSubscriptionExample, response: null },
  policy: subscription(),
  routes: [{ method: 'POST', path: '/v1/devices/{DeviceId}/unsubscribe' }],
});

/** `rcsp_test_event_arg`. */
export const testEvent = defineCommand({
  name: 'TestEvent',
  specOrder: 41,
  version: 1,
  target: 'server',
  tag: 'Events',
  summary: 'Make the studio publish an event',
  description:
    'The studio publishes the event as if it had happened, so that the way from there to a client can be ' +
    'tried. Listeners cannot tell it from a real one.',
  arguments: z.looseObject({ Publisher: publisherName, Topic: topicName }),
  response: null,
  example: { arguments: { Publisher: 'DeviceEvents', Topic: 'Connected' }, response: null },
  policy: write(),
  routes: [{ method: 'POST', path: '/v1/test-event' }],
});
