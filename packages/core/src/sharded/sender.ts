import { OperationEncoder } from "../engine/encoder.ts"
import type { PendingOps, PendingUpdate, WriteResult } from "../engine/pending.ts"
import type { SliceTarget } from "../engine/slices.ts"
import { tooLarge } from "../engine/writer.ts"
import { codeOf, type TierdexError } from "../errors.ts"
import type { FieldClaim } from "../fields/field-table.ts"
import type { SkippedPaths } from "../fields/skipped-paths.ts"
import type { SentOperations } from "./calls.ts"
import type { Cluster } from "./cluster.ts"
import { formatMark } from "./marks.ts"
import { numberPatch } from "./number-patch.ts"
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
  /** Takes the paths that are left out. */
  readonly #skipped: SkippedPaths
  /** Sends a write anew, by a newer map. */
  readonly #again: (request: PendingOps | PendingUpdate) => Promise<WriteResult>

  constructor(
    cluster: Cluster,
    skipped: SkippedPaths,
    again: (request: PendingOps | PendingUpdate) => Promise<WriteResult>,
  ) {
    this.#cluster = cluster
    this.#skipped = skipped
    this.#again = again
  }

  /**
   * Nothing is sent if a shard is out of service or refuses writes, or if its share does not fit one
   * atomic write.
   * @throws TIERDEX_SHARD_FAILED, TIERDEX_STORE_FAILED, TIERDEX_MEMORY_EXCEEDED
   */
  operations(ops: PendingOps): Sent {
    const cluster = this.#cluster
    const { map } = cluster
    const shares = splitOperations(ops, map)
    // A mark goes everywhere: the one that all shards have tells how far all of them are.
    const names = ops.mark === undefined ? [...shares.keys()] : map.names
    const targets = names.map((name) => ({ shard: cluster.shard(name), share: shares.get(name) }))
    for (const { shard, share } of targets) checkShare(shard, share)
    this.#keepFields(ops)
    const first = cluster.sequence + 1
    cluster.sequence += ops.count + (ops.mark === undefined ? 0 : 1)
    const mark = ops.mark === undefined ? undefined : formatMark(cluster.sequence, ops.mark)
    return together(
      targets.map(({ shard, share = NOTHING }) => this.#share(shard, share, first, mark, ops.mark)),
    )
  }

  update(request: PendingUpdate): Sent {
    const cluster = this.#cluster
    const { fields } = cluster
    const shard = cluster.shard(cluster.map.ownerOf(request.key.bytes))
    const claim = fields.claim()
    const { patch, refusal } = numberPatch(request.patch, fields, claim, this.#skipped)
    const sequence = ++cluster.sequence
    const sent = shard.ask({ call: "update", id: request.key.bytes, patch, sequence })
    return { result: this.#updated(request, sent, claim, refusal) }
  }

  async #updated(
    request: PendingUpdate,
    sent: Promise<number>,
    claim: FieldClaim,
    refusal: TierdexError | undefined,
  ): Promise<WriteResult> {
    const { fields } = this.#cluster
    try {
      const found = await sent
      // Without such a record there is nothing to refuse.
      if (found > 0 && refusal !== undefined) throw refusal
      if (found > 0) fields.keep(claim.end)
      return { found }
    } catch (error) {
      if (codeOf(error) !== "TIERDEX_STALE_MAP") throw error
      return await this.#again(request)
    } finally {
      fields.release(claim)
    }
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
  deletes(shard: Shard, ids: readonly string[]): Sent {
    const encoder = new OperationEncoder(this.#cluster.fields, this.#skipped)
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

  /** Gives shards a mark, without anything else. */
  async marks(shards: readonly Shard[], mark: string): Promise<void> {
    // A mark takes a sequence of its own.
    const first = ++this.#cluster.sequence
    await Promise.all(
      shards.map(async (shard) => {
        const operations = this.#sent(shard, NOTHING, first, mark)
        await shard.ask({ call: "write", operations })
        shard.mark = mark
      }),
    )
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
      isMove: false,
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
  const { writeFailure } = shard.link
  if (writeFailure !== undefined) throw named(shard.name, writeFailure)
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
