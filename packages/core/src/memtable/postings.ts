import type { Interval } from "../values/value-set.ts"
import { COLUMN_ROWS, type Column, listAt } from "./column.ts"
import { MISSING_VID } from "./dictionary.ts"
import type { ValueOrder } from "./value-order.ts"

/**
 * The ordinals of each value among the first records of a field, one behind another, each value's
 * ascending. Immutable. Those without the field are not listed.
 */
export class Postings {
  /** Records that were looked at. */
  readonly size: number
  readonly ordinals: Uint32Array
  /** The order in which the values come: undefined for that of their numbers. */
  readonly order: ValueOrder | undefined
  /** By place: where the ordinals begin, and behind the last where they end. */
  readonly #starts: Uint32Array

  /**
   * @param distinct numbers of the dictionary
   * @param order of all of them: then the ordinals of a range lie together
   */
  constructor(column: Column, distinct: number, size: number, order?: ValueOrder) {
    this.size = size
    this.order = order
    const places = order?.places
    const starts = new Uint32Array(distinct + 1)
    eachCell(column, distinct, size, (vid) => {
      starts[places === undefined ? vid : places[vid]]++
    })
    let end = 0
    for (let place = 0; place <= distinct; place++) {
      const count = starts[place]
      starts[place] = end
      end += count
    }
    const ordinals = new Uint32Array(end)
    eachCell(column, distinct, size, (vid, ordinal) => {
      ordinals[starts[places === undefined ? vid : places[vid]]++] = ordinal
    })
    // Each start has moved to where the next begins.
    starts.copyWithin(1, 0, distinct)
    starts[0] = 0
    this.#starts = starts
    this.ordinals = ordinals
  }

  /** Bytes, those of the order included. */
  get byteLength(): number {
    return this.#starts.byteLength + this.ordinals.byteLength + (this.order?.byteLength ?? 0)
  }

  /** The ordinals below `size` that have a value, ascending. */
  get(vid: number, size: number): Uint32Array {
    const start = this.#start(vid)
    let end = this.#end(vid)
    if (size < this.size) while (end > start && this.ordinals[end - 1] >= size) end--
    return this.ordinals.subarray(start, end)
  }

  count(vid: number): number {
    return this.#end(vid) - this.#start(vid)
  }

  /** The ordinals that have a value in an interval, by value. Only with an order. */
  range({ from, to }: Interval): Uint32Array {
    if (this.order === undefined) throw new TypeError("The postings are not in value order.")
    const start = this.#starts[this.order.placeOf(from)]
    return this.ordinals.subarray(start, this.#starts[this.order.placeOf(to)])
  }

  #start(vid: number): number {
    const place = this.order === undefined ? vid : this.order.places[vid]
    return vid + 1 < this.#starts.length ? this.#starts[place] : 0
  }

  #end(vid: number): number {
    const place = this.order === undefined ? vid : this.order.places[vid]
    return vid + 1 < this.#starts.length ? this.#starts[place + 1] : 0
  }
}

/** Calls for each distinct value of each record but `missing`, in the order of records. */
function eachCell(
  column: Column,
  distinct: number,
  size: number,
  take: (vid: number, ordinal: number) => void,
): void {
  const { lists } = column
  // By number: the last record that was seen to have it, plus 1. Arrays may repeat a value.
  const seen = new Uint32Array(column.maxArray > 0 ? distinct : 0)
  for (let first = 0; first < size; first += COLUMN_ROWS) {
    const cells = column.chunk(first)
    const end = Math.min(size - first, COLUMN_ROWS)
    for (let i = 0; i < end; i++) {
      const ordinal = first + i
      const list = listAt(cells[i])
      if (list < 0) {
        if (cells[i] !== MISSING_VID) take(cells[i], ordinal)
        continue
      }
      const last = list + lists.get(list)
      for (let at = list + 1; at <= last; at++) {
        const vid = lists.get(at)
        if (seen[vid] === ordinal + 1) continue
        seen[vid] = ordinal + 1
        take(vid, ordinal)
      }
    }
  }
}
