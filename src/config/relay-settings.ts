/** The settings of a gateway's line to a relay, a part of SETTINGS. */
import { z } from 'zod';
import { relayName } from '../access/relay-name.js';
import { SCOPES } from '../access/scope.js';
import { oneOf, path } from './setting-values.js';

const RELAY_REASON = 'must be the URL of a relay, such as https://relay.example:8443';

const relayUrl = z.string({ error: RELAY_REASON }).transform((text, context): URL => {
  const url = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && url.username + url.password + url.search + url.hash === '') return url;
  context.addIssue({ code: 'custom', message: RELAY_REASON });
  return z.NEVER;
});

export const RELAY_SETTINGS = {
  relay: {
    description:
      'A relay through which the gateway can be reached from elsewhere; the gateway only dials out to it. See docs/remote.md.',
    placeholder: 'url',
    default: null,
    schema: relayUrl.nullable(),
  },
  relayName: {
    description: "The gateway's name at the relay, to which the join token is bound.",
    placeholder: 'name',
    default: null,
    schema: relayName.nullable(),
  },
  relayTokenFile: {
    description: 'The file that holds the join token.',
    placeholder: 'file',
    default: null,
    schema: path,
  },
  relayMaxScope: {
    description: 'The most that any token may do through the relay.',
    placeholder: 'scope',
    default: 'control',
    schema: oneOf(SCOPES),
  },
} as const;
