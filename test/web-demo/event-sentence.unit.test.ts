import { describe, expect, test } from 'vitest';
import { levelOfChannel, sentenceOf, statementOf } from '../../web-demo/src/lib/event-sentence.js';

const names = (id: number): string => (id === 2 ? 'Left glove' : `Device ${id}`);

function said(channel: string, EventData: unknown): string {
  const [Topic, Publisher] = channel.split('/').toReversed();
  const statement = statementOf({ channel, event: { Publisher, Topic, EventData } });
  return `${statement.level}: ${sentenceOf(statement, names)}`;
}

describe('the sentence of an event', () => {
  test.each([
    ['Logs/Error', { LogMsg: 'sensor did not answer' }, 'error: sensor did not answer'],
    ['Logs/Warning', { LogMsg: 'Signal is weak' }, 'warning: Signal is weak'],
    ['Logs/Info', { LogMsg: 'Heartbeat ok' }, 'info: Heartbeat ok'],
    ['DeviceEvents/Seen', { DeviceId: 2 }, 'info: Left glove: seen'],
    ['DeviceEvents/Connected', { DeviceId: 2 }, 'info: Left glove: connected'],
    ['DeviceEvents/Initialized', { DeviceId: 2 }, 'info: Left glove: initialized'],
    ['DeviceEvents/Mapped', { DeviceId: 2 }, 'info: Left glove: mapped'],
    ['DeviceEvents/Disconnected', { DeviceId: 7 }, 'warning: Device 7: disconnected'],
    ['DeviceEvents/Destroyed', { DeviceId: 7 }, 'info: Device 7: removed from the studio'],
    ['DeviceEvents/Calibrated', { DeviceId: 2, EventSuccess: 'Success' }, 'info: Left glove: calibrated'],
    [
      'DeviceEvents/Calibrated',
      { DeviceId: 2, EventSuccess: 'Failure' },
      'error: Left glove: calibration failed',
    ],
    ['DeviceEvents/EmfSaturated', { DeviceId: 2 }, 'warning: Left glove: EMF sensor saturated'],
    ['DeviceEvents/GyrSaturated', { DeviceId: 2 }, 'warning: Left glove: gyroscope saturated'],
    ['DeviceEvents/AccSaturated', { DeviceId: 2 }, 'warning: Left glove: accelerometer saturated'],
    ['DeviceEvents/FlipDecided', { DeviceId: 2 }, 'info: Left glove: flip decided'],
    ['DeviceEvents/CoilDetected', { DeviceId: 2 }, 'info: Left glove: coil detected'],
    ['DeviceEvents/BootloaderConnected', { DeviceId: 2 }, 'info: Left glove: bootloader connected'],
    ['UpdateFwEvents/Progress', { PercentComplete: 42 }, 'info: Firmware update 42 %'],
    ['UpdateFwEvents/Failure', { ErrorMsg: 'no file' }, 'error: Firmware update failed: no file'],
    ['UpdateFwEvents/Done', {}, 'info: Firmware update finished'],
    ['devices/2/DeviceLogs/Error', { LogMsg: 'stuck', DeviceId: 2 }, 'error: Left glove: stuck'],
    ['devices/2/DeviceLogs/Debug', { LogMsg: 'tick' }, 'debug: Left glove: tick'],
    [
      'devices/2/DeviceEvents/ButtonPushed',
      { ButtonPushType: 'SinglePress' },
      'info: Left glove: button pressed',
    ],
    [
      'devices/2/DeviceEvents/ButtonPushed',
      { ButtonPushType: 'DoublePress' },
      'info: Left glove: button pressed twice',
    ],
    ['devices/2/DeviceEvents/ButtonPushed', { ButtonPushType: 'LongPress' }, 'info: Left glove: button held'],
    ['$gateway/upstream', { state: 'connected' }, 'info: Studio connected'],
    ['$gateway/upstream', { state: 'disconnected' }, 'error: Studio disconnected'],
    [
      '$gateway/jobs',
      { command: 'UpdateFirmware', deviceId: 2, state: 'running', percent: 7 },
      'info: Left glove: UpdateFirmware running, 7 %',
    ],
    [
      '$gateway/jobs',
      { command: 'UpdateFirmware', deviceId: 2, state: 'failed', error: 'lost' },
      'error: Left glove: UpdateFirmware failed: lost',
    ],
    [
      '$gateway/changes',
      { command: 'SetDeviceName', deviceId: 2 },
      'info: Left glove: SetDeviceName was sent',
    ],
    ['lights/192.168.0.23/Pycom/State', { state: 'unreachable' }, 'warning: Light 192.168.0.23: unreachable'],
    [
      'lights/192.168.0.23/Pycom/Output',
      { output: 'BOARDIO_ERROR: no\nmore' },
      'error: Light 192.168.0.23: BOARDIO_ERROR: no',
    ],
    ['lights/192.168.0.23/Pycom/Message', { message: 'hello' }, 'info: Light 192.168.0.23: hello'],
    ['Weather/Rain', { Drops: 3, DeviceId: 2, Deep: {} }, 'info: Left glove: Weather Rain: Drops 3'],
    ['Weather/Rain', null, 'info: Weather Rain'],
    ['studios/stage/Logs/Error', { LogMsg: 'far away' }, 'error: far away'],
    ['studios/stage/devices/2/DeviceLogs/Warning', { LogMsg: 'far' }, 'warning: Left glove: far'],
  ])('of %s with %j is told', (channel, data, sentence) => {
    expect(said(channel, data)).toBe(sentence);
  });

  test('a statement names studio, device, light and source', () => {
    expect(
      statementOf({
        channel: 'studios/stage/devices/2/DeviceLogs/Warning',
        event: {
          Publisher: 'DeviceLogs',
          Topic: 'Warning',
          EventData: { LogMsg: 'x', SrcLocation: 'imu/bias' },
        },
      }),
    ).toMatchObject({ studio: 'stage', deviceId: 2, source: 'imu/bias', kind: 'log' });
  });

  test('a phrase is bounded', () => {
    const statement = statementOf({
      channel: 'Logs/Info',
      event: { EventData: { LogMsg: 'x'.repeat(9000) } },
    });
    expect(statement.phrase.length).toBe(2000);
  });

  test('the name of a channel gives its level away, where it does', () => {
    expect(
      ['Logs/Error', 'devices/1/DeviceLogs/Warning', 'DeviceEvents/GyrSaturated', 'Weather/Rain'].map(
        levelOfChannel,
      ),
    ).toEqual(['error', 'warning', 'warning', undefined]);
  });
});
