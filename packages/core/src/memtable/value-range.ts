import { Buffer } from "node:buffer"
import { MAX_KEY_INTERVALS, toIntervals, VidSet } from "../parts/vid-set.ts"
import { type Cut, complement, type Interval, type ValueSet } from "../values/value-set.ts"
import type { Dictionary } from "./dictionary.ts"
import type { ValueOrder } from "./value-order.ts"

/** Sets between long strings have no key. */
const MAX_KEY_LENGTH = 256

/** What a range has to know of its field. */
export interface OrderedField {
  readonly dictionary: Dictionary
  /** An order of most values, made if need be. */
  order(): ValueOrder
  /** The numbers of the values in an interval, in the order of values. */
  numbers(interval: Interval): Uint32Array
}

/** Numbers whose places in an order are from `low` up to `low` + `span`. */
export interface PlaceRun {
  readonly order: ValueOrder
  readonly low: number
  readonly span: number
}

/**
 * The values of a memtable's field between cuts. Their numbers follow no order, and are listed for
 * those only who cannot do without.
 */
export class ValueRange extends VidSet {
  readonly set: ValueSet
  readonly #field: OrderedField
  #run: PlaceRun | undefined
  #marks: Uint8Array | undefined

  constructor(
    field: OrderedField,
    set: ValueSet,
    universe: number,
    size: number,
    entries: number,
    isExact: boolean,
  ) {
    super(universe, size, entries, isExact, () => {
      const vids = set.flatMap((interval) => Array.from(field.numbers(interval)))
      return toIntervals(Uint32Array.from(vids).filter((vid) => vid < universe))
    })
    this.#field = field
    this.set = set
  }

  /** A test by place that suits all numbers of its order; undefined if `table` has to do. */
  get run(): PlaceRun | undefined {
    if (this.#run === undefined && this.#marks === undefined) this.#place()
    return this.#run
  }

  override get isRun(): boolean {
    return false
  }

  override get key(): string | undefined {
    if (this.set.length > MAX_KEY_INTERVALS) return undefined
    const cuts = this.set.flatMap(({ from, to }) => [cutKey(from), cutKey(to)])
    const key = `between ${cuts.join(" ")}`
    return key.length > MAX_KEY_LENGTH ? undefined : key
  }

  override get table(): Uint8Array {
    this.#marks ??= this.#mark(this.#field.order())
    return this.#marks
  }

  override has(vid: number): boolean {
    if (this.#run !== undefined) {
      const { order, low, span } = this.#run
      if (vid < order.length) return (order.places[vid] - low) >>> 0 < span
    } else if (this.#marks !== undefined) return this.#marks[vid] === 1
    return this.#includes(vid)
  }

  #includes(vid: number): boolean {
    const { dictionary } = this.#field
    return this.set.some(
      ({ from, to }) => dictionary.isBefore(vid, to) && !dictionary.isBefore(vid, from),
    )
  }

  #place(): void {
    const order = this.#field.order()
    const runs = this.set
      .map(({ from, to }) => ({ low: order.placeOf(from), high: order.placeOf(to) }))
      .filter(({ low, high }) => low < high)
    if (runs.length > 1) this.#marks = this.#mark(order)
    else {
      const { low, high } = runs[0] ?? { low: 0, high: 0 }
      this.#run = { order, low, span: high - low }
    }
  }

  #mark(order: ValueOrder): Uint8Array {
    const marks = new Uint8Array(this.universe)
    for (const { from, to } of this.set) {
      const high = order.placeOf(to)
      for (let place = order.placeOf(from); place < high; place++) marks[order.numbers[place]] = 1
    }
    for (let vid = order.length; vid < marks.length; vid++) if (this.#includes(vid)) marks[vid] = 1
    return marks
  }

  override complement(total: number): VidSet {
    const { universe, size, entries, isExact } = this
    const others = complement(this.set)
    return new ValueRange(this.#field, others, universe, universe - size, total - entries, isExact)
  }
}

function cutKey({ kind, value, after }: Cut): string {
  if (value === undefined) return `${kind}`
  const { payload } = value
  const text =
    typeof payload === "number" ? `${payload}` : Buffer.from(payload).toString("base64url")
  return `${kind}${after ? ">" : "<"}${text}`
}
