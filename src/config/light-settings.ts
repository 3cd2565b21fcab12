/** The settings of light arrays, a part of SETTINGS. */
import { address, flag, lightAddresses } from './setting-values.js';

export const LIGHT_SETTINGS = {
  lights: {
    description: 'A light array (pycom), by its address; the port is 5000 unless said. Repeatable.',
    placeholder: 'host[:port]',
    default: null,
    isList: true,
    schema: lightAddresses,
  },
  lightsListen: {
    description:
      'Where light arrays send their answers, once there is one; only configured nodes are heard. Nodes send to this port at the address that they see.',
    placeholder: 'host:port',
    default: null,
    none: '`0.0.0.0:5000`',
    schema: address(0).nullable(),
  },
  lightsScan: {
    description: 'Look for light arrays in the /24 network of `lightsListen`, on port 5000.',
    default: false,
    schema: flag,
  },
  lightsShell: {
    description: 'Let tokens of the scope admin run shell commands on light arrays.',
    default: false,
    schema: flag,
  },
} as const;
