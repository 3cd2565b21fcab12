let lastId = 0;

/** An `id` that no other message of this page has. */
export function nextId(): number {
  lastId += 1;
  return lastId;
}
