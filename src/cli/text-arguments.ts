/**
 * Arguments that are text, by command: `call` sends them as they are written, `DeviceName=7` as `"7"`. A copy of what the
 * catalog says, which takes as long to load as Node.js itself; a unit test compares both.
 */
export const TEXT_ARGUMENTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['SetDeviceName', ['DeviceName']],
  ['PostProcess', ['ProcessType']],
  ['UpdateFirmware', ['FwPath']],
  ['UpdateSensorFirmware', ['FwPath']],
  ['UpdateWifiModule', ['FwPath']],
  ['SetColorLed', ['LedId']],
  ['SetLedBehavior', ['LedId', 'BehaviorType']],
  ['TestEvent', ['Publisher', 'Topic']],
]);
