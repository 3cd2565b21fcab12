/** What a token file keeps of sign-in links and of the sessions that they began. */
import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const session = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/),
  /** The hash of the token that it belongs to: scope and validity are that token's. */
  parent: sha256,
  sha256,
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type SessionEntry = z.output<typeof session>;

const link = z.strictObject({
  /** The hash of the token that it is for. */
  parent: sha256,
  /** Of its code. */
  sha256,
  expiresAt: z.iso.datetime(),
  /** null until it is used. */
  usedAt: z.iso.datetime().nullable(),
});
export type LinkEntry = z.output<typeof link>;

/** Absent from a file that has none: earlier versions of the gateway can read it. */
export const SESSION_LISTS = {
  sessions: z.array(session).optional(),
  links: z.array(link).optional(),
};
