import type { StreamAnswer } from "./calls.ts"
import type { Cluster } from "./cluster.ts"
import type { StepNote } from "./map-store.ts"
import type { Sender } from "./sender.ts"
import type { Shard } from "./shard.ts"
import type { Move } from "./shard-map.ts"
import { ignore } from "./within.ts"

/** A step moves so many ids, and about so many bytes, at most: writes wait for it. */
const STEP_IDS = 512
const STEP_BYTES = 256 * 1024

/**
 * Moves records from shard to shard while reads and writes go on, step by step: notes the ids
 * durably, puts them into the new shard, and deletes them from the old. Reads wait from the put to
 * the delete, so that none sees a record twice or not at all. After a crash whatever is in the note
 * and in the new shard is deleted from the old.
 *
 * An id that moves is written to in its new shard only, and its record is brought there before.
 *
 * All methods but `drain` are to be called in the cluster's line.
 */
export class Mover {
  readonly #cluster: Cluster
  readonly #sender: Sender
  /** What the shards do by themselves is not durable before it is asked for. */
  readonly #needsSync: boolean
  /** A step that may be half done. */
  #unsettled: StepNote | undefined

  /** @param needsSync whether an acknowledged write may not survive a power cut */
  constructor(cluster: Cluster, sender: Sender, needsSync: boolean) {
    this.#cluster = cluster
    this.#sender = sender
    this.#needsSync = needsSync
  }

  /** Completes the step that a crash may have left half done, before anything is read. */
  async recover(): Promise<void> {
    const cluster = this.#cluster
    const { move, epoch } = cluster.map
    const note = await cluster.maps.loadStep()
    if (move === undefined || note?.epoch !== epoch) return
    this.#unsettled = note
    // A shard that is out of service answers nothing; this is done when it is back.
    if (cluster.serves(move.from) && cluster.serves(move.to)) await this.#settle(move)
  }

  /** Brings ids that move to their new shard, so that they can be written to. */
  async bring(ids: readonly string[]): Promise<void> {
    for (let rest = ids; rest.length > 0; ) rest = rest.slice(await this.#step(rest))
  }

  /**
   * Moves all records of the move under way.
   * @param onMoved called after each step with the number of ids
   */
  async drain(move: Move, onMoved: (ids: number) => void): Promise<void> {
    const from = this.#cluster.shard(move.from)
    const of = { type: "part", part: move.part } as const
    let answer: StreamAnswer = await from.ask({ call: "stream", view: undefined, of })
    try {
      for (;;) {
        const { batch, stream } = answer
        if (batch !== undefined)
          await this.#moveIds(batch.type === "part" ? batch.ids : [], onMoved)
        if (stream === undefined) return
        answer = await from.ask({ call: "next", stream })
      }
    } catch (error) {
      const { stream } = answer
      if (stream !== undefined) from.ask({ call: "end", stream }).catch(ignore)
      throw error
    }
  }

  /** Makes durable all that was written before. */
  async sync(shards: readonly Shard[]): Promise<void> {
    if (!this.#needsSync) return
    await Promise.all(shards.map((shard) => shard.ask({ call: "sync" })))
  }

  /** Ends a move whose records are all moved. */
  async end({ from }: Move): Promise<void> {
    const cluster = this.#cluster
    const { move } = cluster.map
    if (move !== undefined) await this.#settle(move)
    // Nobody looks for what is in both shards any more.
    await this.sync([cluster.shard(from)])
    await cluster.change(cluster.map.moved())
  }

  async #moveIds(ids: readonly string[], onMoved: (ids: number) => void): Promise<void> {
    const { line, deletions } = this.#cluster
    for (let rest = ids; rest.length > 0; ) {
      // A deletion knows records by their versions, which a step would change.
      for (let idle = deletions.idle; idle !== undefined; idle = deletions.idle) await idle
      const taken = await line.run(() =>
        deletions.idle === undefined ? this.#step(rest.slice(0, STEP_IDS)) : 0,
      )
      rest = rest.slice(taken)
      onMoved(taken)
    }
  }

  /** Moves the first of some ids; returns how many are done, at least one. */
  async #step(ids: readonly string[]): Promise<number> {
    const cluster = this.#cluster
    const { move, epoch } = cluster.map
    if (move === undefined) return ids.length
    await this.#settle(move)
    const from = cluster.shard(move.from)
    const to = cluster.shard(move.to)
    const {
      taken,
      ids: present,
      bytes,
      fields,
    } = await from.ask({
      call: "take",
      ids: ids.slice(0, STEP_IDS),
      maxBytes: STEP_BYTES,
    })
    if (present.length === 0) return taken
    // The last note is needed no more once what it was for is durable.
    await this.sync([from])
    const note = { epoch, ids: present }
    await cluster.maps.saveStep(note)
    this.#unsettled = note
    cluster.heldSize = cluster.size
    cluster.gate.close()
    try {
      const sequences = Float64Array.from(present, () => ++cluster.sequence)
      const count = present.length
      const operations = { bytes, putBytes: bytes.length, count, sequences, fields }
      await to.ask({
        call: "write",
        operations: { ...operations, expected: undefined, mark: undefined, isMove: true },
      })
      // Until they are deleted, which may fail.
      cluster.doubled = count
      await this.#endStep(from, to, present)
    } finally {
      cluster.heldSize = undefined
      cluster.gate.open()
    }
    return taken
  }

  /** The records are in both shards: a shard that keeps it so must not be read. */
  async #endStep(from: Shard, to: Shard, ids: readonly string[]): Promise<void> {
    try {
      await this.sync([to])
    } catch (error) {
      this.#cluster.fail(to.name, error)
      throw error
    }
    try {
      await this.#sender.deletes(from, ids).result
    } catch (error) {
      this.#cluster.fail(from.name, error)
      throw error
    }
    this.#cluster.doubled = 0
    this.#unsettled = undefined
  }

  async #settle(move: Move): Promise<void> {
    if (this.#unsettled === undefined) return
    const from = this.#cluster.shard(move.from)
    const to = this.#cluster.shard(move.to)
    const present = await to.ask({ call: "present", ids: this.#unsettled.ids })
    if (present.length > 0) await this.#endStep(from, to, present)
    this.#unsettled = undefined
  }
}
