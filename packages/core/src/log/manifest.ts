import { TierdexError } from "../errors.ts"
import type { FieldRules } from "../fields/field-options.ts"
import { manifestKey } from "../pages/keys.ts"
import { PageReader, PageWriter } from "../pages/page.ts"
import type { SegmentMeta } from "../segment/segment.ts"
import type { Store, WriteOp } from "../store/store.ts"

/** The format that this release writes, and the only one that it reads. */
export const FORMAT = 1

/**
 * A longer text is stored in parts of this many bytes, for a store takes values up to 1 MiB. Few
 * have one: 1,000 fields with the longest paths take half of it, or with paths of characters that
 * JSON escapes three times as much.
 */
const PART_BYTES = 900_000

/** A segment, and which of its records are dead. */
export interface ManifestSegment extends SegmentMeta {
  readonly dead: number
  /** The chunks of the live set that are stored; all others are wholly live. */
  readonly liveChunks: readonly number[]
}

/**
 * What says of what an index consists. It is replaced as a whole, and with that a flush or a merge
 * takes effect.
 */
export interface Manifest {
  readonly format: number
  /** Random, made with the index: cursors of one index are refused by another. */
  readonly index: string
  readonly rules: FieldRules
  /** The paths of fields by number. */
  readonly fields: readonly string[]
  /** From the oldest. */
  readonly segments: readonly ManifestSegment[]
  /** No segment has had this number or a greater one. */
  readonly nextSegment: number
  /** Writes up to this sequence are in segments; the log begins behind it. */
  readonly flushedSequence: number
  readonly mark: string | undefined
  /** Segments that are not part of the index but may still take space. */
  readonly drops: readonly number[]
}

/** A manifest as it was found, and in how many parts. */
export interface StoredManifest {
  readonly manifest: Manifest
  readonly parts: number
}

/**
 * The parts of a manifest, to be written together. Layout: pages; the body of the first is u32
 * format, u32 length of the text, then the text, JSON in UTF-8, which goes on in the others.
 */
export function encodeManifest(manifest: Manifest): WriteOp[] {
  const text = new TextEncoder().encode(JSON.stringify(manifest))
  const page = new PageWriter()
  return Array.from({ length: partsOf(text.length) }, (_, part): WriteOp => {
    if (part === 0) {
      page.u32(FORMAT)
      page.u32(text.length)
    }
    page.raw(text.subarray(part * PART_BYTES, (part + 1) * PART_BYTES))
    const key = manifestKey(part)
    return { type: "put", key, value: page.seal(key) }
  })
}

/**
 * The manifest in a store, or undefined if there is none.
 * @throws TIERDEX_CORRUPT, TIERDEX_UNSUPPORTED_FORMAT
 */
export async function readManifest(store: Store): Promise<StoredManifest | undefined> {
  const stored = await store.get(manifestKey())
  if (stored === undefined) return undefined
  const first = openPart(stored, 0)
  const format = first.u32()
  if (format !== FORMAT) {
    throw new TierdexError(
      "TIERDEX_UNSUPPORTED_FORMAT",
      `The index has format ${format}; this release reads format ${FORMAT}. Open it with the ` +
        "release that wrote it, or build it anew.",
    )
  }
  const length = first.u32()
  const parts = partsOf(length)
  const text = new Uint8Array(length)
  text.set(first.raw(Math.min(length, PART_BYTES)))
  for (let part = 1; part < parts; part++) {
    const page = openPart(await store.get(manifestKey(part)), part)
    const from = part * PART_BYTES
    text.set(page.raw(Math.min(length - from, PART_BYTES)), from)
  }
  return { manifest: JSON.parse(new TextDecoder().decode(text)), parts }
}

function partsOf(length: number): number {
  return Math.ceil(length / PART_BYTES)
}

function openPart(stored: Uint8Array | undefined, part: number): PageReader {
  return new PageReader(
    manifestKey(part),
    stored,
    (reason) =>
      new TierdexError(
        "TIERDEX_CORRUPT",
        `The manifest of the index cannot be used: ${reason}. Restore it from a backup or rebuild ` +
          "the index from the records.",
      ),
  )
}
