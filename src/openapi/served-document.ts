import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** A document as it is sent. */
export interface ServedDocument {
  readonly bytes: Buffer;
  readonly etag: string;
}

export interface EncodedDocument extends ServedDocument {
  /** Compressed when it is first asked for: a document is a seventh of its size then. */
  readonly gzipped: () => ServedDocument;
}

export function servedDocument(text: string): EncodedDocument {
  const document = withEtag(Buffer.from(text));
  let gzipped: ServedDocument | undefined;
  return { ...document, gzipped: () => (gzipped ??= withEtag(gzipSync(document.bytes))) };
}

function withEtag(bytes: Buffer): ServedDocument {
  return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url')}"` };
}

/**
 * A document that depends on a list, made once for each list: for one whose items are not the same objects, it is
 * made anew when it is next asked for. Two lists are remembered, the empty one and the last other one.
 */
export class DocumentCache<T> {
  readonly #make: (items: readonly T[]) => string;
  #plain: EncodedDocument | undefined;
  #last: { readonly items: readonly T[]; readonly document: EncodedDocument } | undefined;

  constructor(make: (items: readonly T[]) => string) {
    this.#make = make;
  }

  get(items: readonly T[]): EncodedDocument {
    if (items.length === 0) return (this.#plain ??= servedDocument(this.#make(items)));
    if (this.#last === undefined || !isSame(this.#last.items, items)) {
      this.#last = { items, document: servedDocument(this.#make(items)) };
    }
    return this.#last.document;
  }
}

function isSame<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}

/** Whether `If-None-Match` names the document; it may name several, each as a weak one. */
export function isNamedBy(header: string | undefined, etag: string): boolean {
  const named = header?.split(',').map((each) => each.trim().replace(/^W\//, '')) ?? [];
  return named.includes(etag) || named.includes('*');
}

/** Whether `Accept-Encoding` takes gzip. */
export function acceptsGzip(header: string | undefined): boolean {
  const offers = header?.split(',').map((each) => each.replaceAll(' ', '').toLowerCase()) ?? [];
  return offers.some((each) => each === 'gzip' || (each.startsWith('gzip;q=') && Number(each.slice(7)) > 0));
}
