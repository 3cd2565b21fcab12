/** Under which heading `serve --help` lists a setting; one that no group names is under `OTHER_SETTINGS`. */
import type { SettingName } from './settings.js';

export const SETTING_GROUPS: Readonly<Record<string, readonly SettingName[]>> = {
  'Studio:': [
    'rcsp',
    'studio',
    'studiosFile',
    'defaultStudio',
    'ready',
    'simulate',
    'devices',
    'poolSize',
    'maxWaiting',
    'maxTimeout',
    'connectTimeout',
    'maxPayload',
  ],
  'Listening:': ['listen', 'tlsCert', 'tlsKey', 'allowedHost', 'allowedOrigin', 'trustProxy', 'bodyLimit'],
  'Access:': ['tokens', 'tokenHashes', 'noAuth', 'authRate', 'commandRate', 'controlLease', 'leaseTime'],
  'Events:': [
    'historyEvents',
    'historyBytes',
    'linger',
    'clientBuffer',
    'maxClients',
    'maxSubscriptions',
    'pingInterval',
    'stallTimeout',
  ],
  'WebRTC:': ['rtc', 'rtcPort', 'iceServer', 'turnSecretFile'],
  'Light arrays:': ['lights', 'lightsListen', 'lightsScan', 'lightsShell'],
  'Remote access:': ['relay', 'relayName', 'relayTokenFile', 'relayMaxScope'],
  'Past one machine:': [
    'nats',
    'natsCreds',
    'natsCa',
    'natsCert',
    'natsKey',
    'natsName',
    'edge',
    'natsMaxScope',
  ],
};

export const OTHER_SETTINGS = 'Other settings:';

export function groupOf(name: string): string {
  const groups: readonly (readonly [string, readonly string[]])[] = Object.entries(SETTING_GROUPS);
  return groups.find(([, names]) => names.includes(name))?.[0] ?? OTHER_SETTINGS;
}
