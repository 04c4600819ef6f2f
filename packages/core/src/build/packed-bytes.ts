/** Byte strings one behind another, to be handed to another thread as one. */
export interface PackedBytes {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** -1 for what is undefined. */
  readonly lengths: Int32Array<ArrayBuffer>
}

/** Each string begins at a multiple of this: pages are read through arrays of wide numbers. */
const ALIGNMENT = 8

/** @param spare memory to use, if it is large enough */
export function packBytes(
  strings: readonly (Uint8Array | undefined)[],
  spare?: Uint8Array<ArrayBuffer>,
): PackedBytes {
  const lengths = Int32Array.from(strings, (each) => each?.length ?? -1)
  const size = lengths.reduce((sum, length) => sum + padded(length), 0)
  const bytes = spare !== undefined && spare.length >= size ? spare : new Uint8Array(size)
  let at = 0
  for (const each of strings) {
    if (each === undefined) continue
    bytes.set(each, at)
    at += padded(each.length)
  }
  return { bytes, lengths }
}

/** The strings, as views. */
export function unpackBytes({ bytes, lengths }: PackedBytes): (Uint8Array | undefined)[] {
  let at = 0
  return Array.from(lengths, (length) => {
    if (length < 0) return undefined
    const from = at
    at += padded(length)
    return bytes.subarray(from, from + length)
  })
}

/** What is handed over, not copied, when the strings go to another thread. */
export function buffersOf({ bytes, lengths }: PackedBytes): ArrayBuffer[] {
  return [bytes.buffer, lengths.buffer]
}

function padded(length: number): number {
  return Math.ceil(Math.max(0, length) / ALIGNMENT) * ALIGNMENT
}
