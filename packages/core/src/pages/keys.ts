import type { KeyRange } from "../store/store.ts"

/** The keys of an index in its store. The layout is part of the format: `docs/format.md`. */

const MANIFEST = 1
const LOG = 2
const PAGE = 3

/** Which part of a field, or of a segment, a page belongs to. */
export const FileKind = {
  column: 0,
  columnDirectory: 1,
  postings: 2,
  bloom: 3,
  idColumn: 4,
  sequences: 5,
  sequenceDirectory: 6,
  live: 7,
  /** Leaves; the level above is `tree + 1`, and so on. */
  tree: 16,
  meta: 255,
} as const

/** The field number of what belongs to the whole segment: ids, sequences, the live set. */
export const SEGMENT_FIELD = 0xffff

/** Tells one sequence of pages in a segment from all others. */
export interface FileAddress {
  readonly segment: number
  readonly field: number
  readonly kind: number
}

function setUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** A part of the manifest. */
export function manifestKey(part = 0): Uint8Array {
  return part === 0 ? Uint8Array.of(MANIFEST) : Uint8Array.of(MANIFEST, part >>> 8, part)
}

/** Every part of the manifest. */
export function manifestKeys(): KeyRange {
  return { gte: Uint8Array.of(MANIFEST), lt: Uint8Array.of(MANIFEST + 1) }
}

/** A part of the log entry whose first write has this sequence number. */
export function logKey(sequence: number, part: number): Uint8Array {
  const key = new Uint8Array(11)
  key[0] = LOG
  setUint32(key, 1, Math.floor(sequence / 2 ** 32))
  setUint32(key, 5, sequence >>> 0)
  key[9] = part >>> 8
  key[10] = part
  return key
}

export function pageKey(file: FileAddress, page: number): Uint8Array {
  const key = new Uint8Array(12)
  key[0] = PAGE
  setUint32(key, 1, file.segment)
  key[5] = file.field >>> 8
  key[6] = file.field
  key[7] = file.kind
  setUint32(key, 8, page)
  return key
}

/** The first key of a segment, which is also the end of the segments before it. */
export function segmentKey(segment: number): Uint8Array {
  return pageKey({ segment, field: 0, kind: 0 }, 0)
}

/** The file and the page number in a key that `pageKey` made. */
export function pageAddress(key: Uint8Array): {
  readonly file: FileAddress
  readonly page: number
} {
  const view = new DataView(key.buffer, key.byteOffset, key.length)
  const file = { segment: view.getUint32(1), field: view.getUint16(5), kind: view.getUint8(7) }
  return { file, page: view.getUint32(8) }
}

/** Every key that a store may hold but the last, ours or not. */
export function allKeys(): KeyRange {
  return { gte: Uint8Array.of(0), lt: new Uint8Array(64).fill(0xff) }
}
