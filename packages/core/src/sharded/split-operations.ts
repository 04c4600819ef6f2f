import type { PendingOps } from "../engine/pending.ts"
import { OperationType, readOperation } from "../log/operations.ts"
import type { IdKey } from "../parts/id-key.ts"
import { ByteReader } from "../rows/byte-reader.ts"
import { ByteWriter } from "../rows/byte-writer.ts"
import type { ShardMap } from "./shard-map.ts"

/** The operations of a write that are one shard's, in their order. */
export interface Share {
  readonly bytes: Uint8Array
  readonly putBytes: number
  /** The place of each among all operations. */
  readonly places: readonly number[]
}

interface OpenShare {
  readonly out: ByteWriter
  putBytes: number
  readonly places: number[]
}

/** Parts the operations of a write among the shards that own their ids. */
export function splitOperations(ops: PendingOps, map: ShardMap): Map<string, Share> {
  const open = new Map<string, OpenShare>()
  const reader = new ByteReader(ops.bytes)
  for (let place = 0; place < ops.count; place++) {
    const { type, id, from, to } = readOperation(reader)
    const name = map.ownerOf(id.bytes)
    if (place === 0 && ops.count === 1) {
      return new Map([[name, { bytes: ops.bytes, putBytes: ops.putBytes, places: [0] }]])
    }
    let share = open.get(name)
    if (share === undefined) {
      share = { out: new ByteWriter(ops.bytes.length), putBytes: 0, places: [] }
      open.set(name, share)
    }
    share.out.raw(ops.bytes.subarray(from, to))
    if (type === OperationType.put) share.putBytes += to - from
    share.places.push(place)
  }
  const shares = new Map<string, Share>()
  for (const [name, { out, putBytes, places }] of open) {
    shares.set(name, { bytes: Uint8Array.from(out.bytes), putBytes, places })
  }
  return shares
}

/** The ids of a write. */
export function idsOf({ bytes, count }: PendingOps): IdKey[] {
  const reader = new ByteReader(bytes)
  return Array.from({ length: count }, () => readOperation(reader).id)
}
