/** The settings of WebRTC, a part of SETTINGS. */
import { flag, iceServers, integer, path } from './setting-values.js';

export const RTC_SETTINGS = {
  rtc: {
    description:
      'Offer data channels (WebRTC, as RTCBot speaks it) at `POST /v1/rtc`. Needs the optional package node-datachannel.',
    default: false,
    schema: flag,
  },
  rtcPort: {
    description: 'The UDP port of every data channel; without it, each takes one that is free.',
    placeholder: 'port',
    default: null,
    none: 'any',
    schema: integer(1025, 65_535).nullable(),
  },
  iceServer: {
    description:
      'A STUN or TURN server for both ends of a data channel, such as `stun:stun.example:3478`; `turn:` needs `turnSecretFile`. Repeatable.',
    placeholder: 'url',
    default: null,
    isList: true,
    schema: iceServers,
  },
  turnSecretFile: {
    description:
      'The file with the secret that the TURN servers share with the gateway (`static-auth-secret` of coturn).',
    placeholder: 'file',
    default: null,
    schema: path,
  },
} as const;
