/** The settings of RTCBot's own signalling at the relay, a part of the relay's settings. */
import { flag } from './setting-values.js';

export const SIGNALLING_SETTINGS = {
  rtcSignalling: {
    description:
      "Speak RTCBot's own signalling for any robot: `GET /rtc/{id}` (WebSocket) and `POST /rtc/{id}`. The id is the secret.",
    default: false,
    schema: flag,
  },
  rtcShortIds: {
    description: 'Take ids of robots that have less than 16 characters, which can be guessed.',
    default: false,
    schema: flag,
  },
} as const;
