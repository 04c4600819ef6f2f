import { TierdexError } from "../errors.ts"
import type { FieldRules } from "../fields/field-options.ts"
import { manifestKey } from "../pages/keys.ts"
import { PageReader, PageWriter } from "../pages/page.ts"
import type { SegmentMeta } from "../segment/segment.ts"
import type { WriteOp } from "../store/store.ts"

/** The format that this release writes, and the only one that it reads. */
export const FORMAT = 1

/** A segment, and which of its records are dead. */
export interface ManifestSegment extends SegmentMeta {
  readonly dead: number
  /** The chunks of the live set that are stored; all others are wholly live. */
  readonly liveChunks: readonly number[]
}

/**
 * The one value that says what an index consists of. It is replaced as a whole, and with that a
 * flush or a merge takes effect.
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

/** Layout: a page whose body is u32 format, u32 length, JSON in UTF-8. */
export function encodeManifest(manifest: Manifest): WriteOp {
  const page = new PageWriter()
  const text = new TextEncoder().encode(JSON.stringify(manifest))
  page.u32(FORMAT)
  page.u32(text.length)
  page.raw(text)
  const key = manifestKey()
  return { type: "put", key, value: page.seal(key) }
}

/** @throws TIERDEX_CORRUPT, TIERDEX_UNSUPPORTED_FORMAT */
export function decodeManifest(value: Uint8Array): Manifest {
  const page = new PageReader(
    manifestKey(),
    value,
    (reason) =>
      new TierdexError(
        "TIERDEX_CORRUPT",
        `The manifest of the index cannot be used: ${reason}. Restore it from a backup or rebuild ` +
          "the index from the records.",
      ),
  )
  const format = page.u32()
  if (format !== FORMAT) {
    throw new TierdexError(
      "TIERDEX_UNSUPPORTED_FORMAT",
      `The index has format ${format}; this release reads format ${FORMAT}. Open it with the ` +
        "release that wrote it, or build it anew.",
    )
  }
  return JSON.parse(new TextDecoder().decode(page.raw(page.u32())))
}
