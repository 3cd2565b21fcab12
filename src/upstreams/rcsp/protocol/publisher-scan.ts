const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Bytes of an unreadable event that are searched. */
const SCANNED_BYTES = 64 * 1024;
const PUBLISHER = /\s*:\s*"([^"\\]{1,256})"/y;

/**
 * The publisher of an event that is not valid JSON: the member `Publisher` of the outermost object, as far as brackets
 * and quotes can be followed. Undefined when it cannot be told.
 */
export function scanPublisher(payload: Buffer): string | undefined {
  const text = payload.toString('utf8', 0, SCANNED_BYTES);
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      const end = closingQuote(text, at);
      if (depth === 1 && text.slice(at, end + 1) === '"Publisher"') {
        PUBLISHER.lastIndex = end + 1;
        const publisher = PUBLISHER.exec(text)?.[1];
        if (publisher !== undefined) return publisher;
      }
      at = end;
    } else if (char === 0x7b || char === 0x5b) depth += 1;
    else if (char === 0x7d || char === 0x5d) depth -= 1;
  }
  return undefined;
}

function closingQuote(text: string, opening: number): number {
  for (let at = opening + 1; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === BACKSLASH) at += 1;
    else if (char === QUOTE) return at;
  }
  return text.length;
}
