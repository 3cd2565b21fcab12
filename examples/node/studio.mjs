import { RcspClient } from 'rcsp-gateway/client';

const studio = new RcspClient({
  url: process.env.GATEWAY ?? 'http://127.0.0.1:8080',
  token: process.env.TOKEN,
});
const events = studio.events('DeviceEvents/*'); // listens from here on

for (const { DeviceId } of (await studio.call('ListDevices')).Devices) {
  await studio.call('SetLedBehavior', { DeviceId, LedId: 'StatusLed', BehaviorType: 'On' }).catch((error) => {
    console.log(`device ${DeviceId}: ${error.code}`);
  });
}
await studio.call('TestEvent', { Publisher: 'DeviceEvents', Topic: 'Connected' });
for await (const { channel, event } of events) {
  console.log(channel, event.EventData);
  break; // leaving the loop unsubscribes
}
studio.close();
