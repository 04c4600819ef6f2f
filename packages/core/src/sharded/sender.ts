import { OperationEncoder } from "../engine/encoder.ts"
import type { PendingOps, PendingUpdate, WriteResult } from "../engine/pending.ts"
import type { SliceTarget } from "../engine/slices.ts"
import { tooLarge } from "../engine/writer.ts"
import { codeOf } from "../errors.ts"
import type { SkippedPaths } from "../fields/skipped-paths.ts"
import type { SentOperations } from "./calls.ts"
import type { Cluster } from "./cluster.ts"
import { formatMark } from "./marks.ts"
import { named, type Shard } from "./shard.ts"
import { type Share, splitOperations } from "./split-operations.ts"

/** A write that is on its way. In an object, for whoever awaits a promise awaits what is in it. */
export interface Sent {
  readonly result: Promise<WriteResult>
}

/**
 * Sends writes to the shards that own their ids, and gives them sequences. What is sent when this
 * returns takes effect before all that is sent later.
 */
export class Sender {
  readonly #cluster: Cluster
  /** Sends a write anew, by a newer map. */
  readonly #again: (ops: PendingOps) => Promise<WriteResult>

  constructor(cluster: Cluster, again: (ops: PendingOps) => Promise<WriteResult>) {
    this.#cluster = cluster
    this.#again = again
  }

  /**
   * Nothing is sent if a shard is out of service or its share does not fit one atomic write.
   * @throws TIERDEX_SHARD_FAILED, TIERDEX_MEMORY_EXCEEDED
   */
  operations(ops: PendingOps): Sent {
    const cluster = this.#cluster
    this.#keepFields(ops)
    const { map } = cluster
    const shares = splitOperations(ops, map)
    // A mark goes everywhere: the one that all shards have tells how far all of them are.
    const names = ops.mark === undefined ? [...shares.keys()] : map.names
    const targets = names.map((name) => ({ shard: cluster.shard(name), share: shares.get(name) }))
    for (const { shard, share } of targets) checkShare(shard, share)
    const first = cluster.sequence + 1
    cluster.sequence += ops.count + (ops.mark === undefined ? 0 : 1)
    const mark = ops.mark === undefined ? undefined : formatMark(cluster.sequence, ops.mark)
    return together(
      targets.map(({ shard, share = NOTHING }) => this.#share(shard, share, first, mark, ops.mark)),
    )
  }

  update({ key, patch }: PendingUpdate): Sent {
    const cluster = this.#cluster
    const shard = cluster.shard(cluster.map.ownerOf(key.bytes))
    const sequence = ++cluster.sequence
    const asked = shard.ask({ call: "update", id: key.bytes, patch, sequence })
    return together([asked])
  }

  /** Where deletes of certain versions go: to the shard in which they were found. */
  versionsIn(shard: Shard): SliceTarget {
    return {
      groupBytes: shard.hello.groupBytes,
      write: (ops) => this.versions(shard, ops).result,
      // Deletes bring no fields.
      discard: () => {},
    }
  }

  /** Sends deletes of certain versions to a shard. */
  versions(shard: Shard, ops: PendingOps): Sent {
    const { expected } = ops
    const first = this.#cluster.sequence + 1
    this.#cluster.sequence += ops.count
    const places = Array.from({ length: ops.count }, (_, place) => place)
    const { bytes, putBytes } = ops
    const sent = this.#sent(shard, { bytes, putBytes, places }, first, undefined)
    return together([shard.ask({ call: "write", operations: { ...sent, expected } })])
  }

  /** Sends deletes of ids to a shard. */
  deletes(shard: Shard, ids: readonly string[], skipped: SkippedPaths): Sent {
    const encoder = new OperationEncoder(this.#cluster.fields, skipped)
    for (const id of ids) encoder.delete(id)
    return this.versions(shard, encoder.take())
  }

  async #share(
    shard: Shard,
    share: Share,
    first: number,
    mark: string | undefined,
    givenMark: string | undefined,
  ): Promise<number> {
    const operations = this.#sent(shard, share, first, mark)
    try {
      const found = await shard.ask({ call: "write", operations })
      shard.mark = mark ?? shard.mark
      return found
    } catch (error) {
      if (codeOf(error) !== "TIERDEX_STALE_MAP") throw error
      // It may not have taken the paths that came with the request.
      shard.sentFields = 0
      const { bytes, putBytes, places } = share
      const count = places.length
      const ops = {
        type: "ops",
        bytes,
        putBytes,
        count,
        mark: givenMark,
        claim: undefined,
      } as const
      return (await this.#again(ops)).found
    }
  }

  #sent(shard: Shard, share: Share, first: number, mark: string | undefined): SentOperations {
    const { fields, table } = this.#cluster
    const from = shard.sentFields
    const paths = from === fields.kept ? [] : fields.keptPaths.slice(from)
    shard.sentFields = fields.kept
    return {
      bytes: share.bytes,
      putBytes: share.putBytes,
      count: share.places.length,
      expected: undefined,
      sequences: Float64Array.from(share.places, (place) => first + place),
      mark,
      fields: { table, from, paths },
    }
  }

  /** What is sent may be written: its fields keep their numbers. */
  #keepFields({ claim }: PendingOps): void {
    if (claim === undefined) return
    const { fields } = this.#cluster
    fields.keep(claim.end)
    fields.release(claim)
  }
}

const NOTHING: Share = { bytes: new Uint8Array(), putBytes: 0, places: [] }

function checkShare(shard: Shard, share: Share | undefined): void {
  const { maxBatchBytes } = shard.hello
  if (share === undefined || share.bytes.length <= maxBatchBytes) return
  throw named(shard.name, tooLarge(share.bytes.length, maxBatchBytes))
}

/** Settles when all have: what a failed write did elsewhere is done by then. */
function together(answers: readonly Promise<number>[]): Sent {
  return { result: sumOf(Promise.allSettled(answers)) }
}

async function sumOf(settling: Promise<PromiseSettledResult<number>[]>): Promise<WriteResult> {
  let found = 0
  for (const settled of await settling) {
    if (settled.status === "rejected") throw settled.reason
    found += settled.value
  }
  return { found }
}
