import type { Steps } from "../cache/steps.ts"
import { IdKey } from "../parts/id-key.ts"
import type { PartView } from "../parts/part.ts"
import { ByteReader } from "../rows/byte-reader.ts"
import { ByteWriter } from "../rows/byte-writer.ts"
import { encodeId } from "../rows/encode.ts"

/** The key of an id. @throws TIERDEX_INVALID_ID */
export function idKey(id: unknown): IdKey {
  const out = new ByteWriter(64)
  encodeId(out, id)
  const reader = new ByteReader(out.bytes)
  return new IdKey(Uint8Array.from(reader.raw(reader.varint())))
}

/** Where a record is live among the parts of a view. */
export function* findLive(
  parts: readonly PartView[],
  id: IdKey,
): Steps<{ readonly view: PartView; readonly ordinal: number } | undefined> {
  for (let i = parts.length - 1; i >= 0; i--) {
    const { part, live } = parts[i]
    const ordinal = yield* part.find(id)
    if (ordinal !== undefined && live.has(ordinal)) return { view: parts[i], ordinal }
  }
  return undefined
}
