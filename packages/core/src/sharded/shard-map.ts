import { compareBytes } from "../values/compare.ts"
import { type IdPart, type PartTest, testOf } from "./id-part.ts"
import { SLOTS, slotOf } from "./slots.ts"

export type ShardBy = "hash" | "range"

/** A shard, and the random id of the index that is it: another store is not taken for it. */
export interface ShardEntry {
  readonly name: string
  readonly index: string
}

/** Ids that go from one shard to another. */
export interface Move {
  readonly from: string
  readonly to: string
  readonly part: IdPart
}

/** Moves that belong together. The first of them is under way. */
export interface Growth {
  readonly moves: readonly Move[]
  /** A shard that is given up once they are done. */
  readonly remove?: string
}

/** Consecutive slots, or all ids from one on, and the shard that owns them. */
export interface Owned<K> {
  readonly from: K
  readonly shard: string
}

/** What is kept of a map. */
export interface ShardMapData {
  /** Random, made with the map: tells cursors of one index from those of another. */
  readonly index: string
  /** Grows with every change. */
  readonly epoch: number
  readonly by: ShardBy
  readonly shards: readonly ShardEntry[]
  /** With `by: "hash"`: runs of slots, from slot 0 on. */
  readonly slots: readonly Owned<number>[]
  /** With `by: "range"`: ranges of ids in order, from the empty string on. */
  readonly ranges: readonly Owned<string>[]
  readonly growth?: Growth | undefined
}

const encoder = new TextEncoder()

/** Which shard owns which ids. Never changes: a change makes a new one, with a later epoch. */
export class ShardMap {
  readonly data: ShardMapData
  /** The move under way. */
  readonly move: Move | undefined
  readonly #isMoving: PartTest
  /** By slot: the place of its shard among `shards`. */
  readonly #ofSlot: Uint16Array
  readonly #rangeStarts: readonly Uint8Array[]

  constructor(data: ShardMapData) {
    this.data = data
    this.move = data.growth?.moves[0]
    this.#isMoving = this.move === undefined ? () => false : testOf(this.move.part)
    this.#ofSlot = new Uint16Array(SLOTS)
    for (const { from, shard } of data.slots) {
      this.#ofSlot.fill(
        data.shards.findIndex(({ name }) => name === shard),
        from,
      )
    }
    this.#rangeStarts = data.ranges.map(({ from }) => encoder.encode(from))
  }

  get epoch(): number {
    return this.data.epoch
  }

  get names(): string[] {
    return this.data.shards.map(({ name }) => name)
  }

  /** The shard that an id, as UTF-8, is written to. */
  ownerOf(id: Uint8Array): string {
    return this.move !== undefined && this.#isMoving(id) ? this.move.to : this.#settledOwner(id)
  }

  /** The shards of which one may have an id. */
  homesOf(id: Uint8Array): readonly string[] {
    const { move } = this
    return move !== undefined && this.#isMoving(id)
      ? [move.to, move.from]
      : [this.#settledOwner(id)]
  }

  isMoving(id: Uint8Array): boolean {
    return this.#isMoving(id)
  }

  #settledOwner(id: Uint8Array): string {
    const { by, shards, ranges } = this.data
    if (by === "hash") return shards[this.#ofSlot[slotOf(id)]].name
    let low = 0
    let high = ranges.length
    // The last range that does not begin behind the id.
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (compareBytes(this.#rangeStarts[middle], id) <= 0) low = middle
      else high = middle
    }
    return ranges[low].shard
  }

  /** What a shard owns, without regard to a move. */
  partsOf(name: string): IdPart[] {
    const { by, ranges } = this.data
    if (by === "hash") return [{ by, slots: this.slotsOf(name) }]
    return ranges.flatMap(({ from, shard }, i): IdPart[] =>
      shard === name ? [{ by, from, to: ranges[i + 1]?.from }] : [],
    )
  }

  slotsOf(name: string): number[] {
    const place = this.names.indexOf(name)
    return [...this.#ofSlot.keys()].filter((slot) => this.#ofSlot[slot] === place)
  }

  /** The same shards with another epoch, and what is changed. */
  #changed(change: Partial<ShardMapData>): ShardMap {
    return new ShardMap({ ...this.data, ...change, epoch: this.epoch + 1 })
  }

  /** @param added a shard that owns nothing yet */
  growing(growth: Growth, added?: ShardEntry): ShardMap {
    const { shards } = this.data
    const known = added === undefined ? shards : [...shards, added]
    return this.#changed(afterMoves(growth, known))
  }

  /** After the move under way. When it was the last one, a shard may go. */
  moved(): ShardMap {
    const { move, data } = this
    const { growth } = data
    if (move === undefined || growth === undefined) return this
    const left = { ...growth, moves: growth.moves.slice(1) }
    return this.#changed({ ...this.#owned(move), ...afterMoves(left, data.shards) })
  }

  #owned({ to, part }: Move): Pick<ShardMapData, "slots" | "ranges"> {
    const { slots, ranges } = this.data
    if (part.by === "hash") {
      const names = this.names
      const owners = Array.from(this.#ofSlot, (place) => names[place])
      for (const slot of part.slots) owners[slot] = to
      return { slots: runsOf(owners.entries()), ranges }
    }
    const starts = [...new Set([...ranges.map(({ from }) => from), part.from, part.to ?? ""])]
    const isMoving = testOf(part)
    const cut = starts
      .map((from) => ({ from, bytes: encoder.encode(from) }))
      .sort((a, b) => compareBytes(a.bytes, b.bytes))
      .map(({ from, bytes }) => [from, isMoving(bytes) ? to : this.#settledOwner(bytes)] as const)
    return { slots, ranges: runsOf(cut) }
  }
}

/** What is left to be done, and the shards: without moves one may go. */
function afterMoves(
  growth: Growth,
  shards: readonly ShardEntry[],
): Pick<ShardMapData, "growth" | "shards"> {
  if (growth.moves.length > 0) return { growth, shards }
  return { growth: undefined, shards: shards.filter(({ name }) => name !== growth.remove) }
}

/** Neighbours with one owner become one. */
export function runsOf<K>(owners: Iterable<readonly [K, string]>): Owned<K>[] {
  const runs: Owned<K>[] = []
  for (const [from, shard] of owners) if (runs.at(-1)?.shard !== shard) runs.push({ from, shard })
  return runs
}
