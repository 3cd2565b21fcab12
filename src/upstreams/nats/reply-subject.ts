/** Where answers may go. Pure. */

/**
 * Whether a request may be answered where its sender wants it. An origin may publish more than an edge: a reply
 * subject of the stream, of its API or of commands would have it do what the sender must not.
 */
export function mayAnswer({ reply }: { readonly reply?: string }): boolean {
  return reply !== undefined && reply !== '' && !/^(?:\$|rcsp(?:\.|$))/i.test(reply);
}
