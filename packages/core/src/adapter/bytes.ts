/**
 * The same bytes, without the methods of `Buffer`, of which some mean other things than those of
 * its parent: a `Buffer` must not be handed out.
 */
export function plain<B extends Uint8Array | undefined>(bytes: B): Uint8Array | B {
  if (bytes === undefined || bytes.constructor === Uint8Array) return bytes
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The least key above `key`: where to go on behind it. */
export function successor(key: Uint8Array): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(key.length + 1)
  next.set(key)
  return next
}
