/** The settings of edges over NATS, a part of SETTINGS. */
import { z } from 'zod';
import { flag, natsServers, oneOf, path } from './setting-values.js';

const NAME_REASON = 'must be letters, digits, - and _, at most 64';

export const NATS_SETTINGS = {
  nats: {
    description:
      'A NATS server: `nats://`, `tls://`, `ws://` or `wss://`. The gateway publishes its studios there, as their origin, or takes them from there (`edge`). Repeatable, for the servers of one cluster.',
    placeholder: 'url',
    default: null,
    isList: true,
    isSecret: true,
    schema: natsServers,
  },
  natsCreds: {
    description:
      'Credentials for NATS: a `.creds` file (JWT and NKey) or the seed of an NKey. Read anew at each connection.',
    placeholder: 'file',
    default: null,
    schema: path,
  },
  natsCa: {
    description:
      'Certificates of the authorities that sign for the NATS server, PEM, instead of those that Node.js knows. Read anew at each connection, as are the next two.',
    placeholder: 'file',
    default: null,
    schema: path,
  },
  natsCert: {
    description: 'A certificate for this gateway, PEM, where the NATS server asks for one.',
    placeholder: 'file',
    default: null,
    schema: path,
  },
  natsKey: {
    description: 'The key of that certificate, PEM.',
    placeholder: 'file',
    default: null,
    schema: path,
  },
  natsName: {
    description: 'What this gateway is called at NATS: its inbox, and the edge of audit lines.',
    placeholder: 'name',
    default: null,
    none: 'the user of the credentials, or the name of the machine',
    schema: z
      .string(NAME_REASON)
      .regex(/^[A-Za-z0-9_-]{1,64}$/, NAME_REASON)
      .nullable(),
  },
  edge: {
    description: 'Take the studios from NATS: there is no RCSP server here.',
    default: false,
    schema: flag,
  },
  natsMaxScope: {
    description: 'What commands from NATS may do at most, whatever scope they come with.',
    placeholder: 'scope',
    default: 'control',
    schema: oneOf(['read', 'control', 'admin']),
  },
} as const;
