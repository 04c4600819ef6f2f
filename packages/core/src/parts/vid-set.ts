/** Sets of more intervals have no key: each is seldom asked for twice. */
export const MAX_KEY_INTERVALS = 8

/**
 * Values of one field in one part, by their numbers in its dictionary. In a segment numbers follow
 * the order of values, so a range is one interval of numbers; in a memtable they are scattered, and
 * a range is a `ValueRange`.
 */
export class VidSet {
  /** Numbers in the dictionary. */
  readonly universe: number
  /** How many numbers are in the set. */
  readonly size: number
  /** Ordinals that these values have, dead ones included. */
  readonly entries: number
  /**
   * Whether `entries` is exact for the part as the query sees it. It is not for a memtable that
   * has grown since.
   */
  readonly isExact: boolean
  /** Pairs `from, to` (exclusive), ascending; they neither overlap nor touch. */
  readonly #intervals: () => Uint32Array
  #made: Uint32Array | undefined
  #table: Uint8Array | undefined

  constructor(
    universe: number,
    size: number,
    entries: number,
    isExact: boolean,
    intervals: () => Uint32Array,
  ) {
    this.universe = universe
    this.size = size
    this.entries = entries
    this.isExact = isExact
    this.#intervals = intervals
  }

  /** Of pairs `from, to` (exclusive), ascending, that neither overlap nor touch. */
  static ofIntervals(intervals: Uint32Array, universe: number, entries: number): VidSet {
    let size = 0
    for (let i = 0; i < intervals.length; i += 2) size += intervals[i + 1] - intervals[i]
    return new VidSet(universe, size, entries, true, () => intervals)
  }

  get intervals(): Uint32Array {
    this.#made ??= this.#intervals()
    return this.#made
  }

  /** The same for a set of the same values of this field, at any time; undefined for most sets. */
  get key(): string | undefined {
    const { length } = this.intervals
    return length === 0 || length > 2 * MAX_KEY_INTERVALS ? undefined : this.intervals.join()
  }

  get isEmpty(): boolean {
    return this.size === 0
  }

  get isEverything(): boolean {
    return this.size === this.universe
  }

  /** Whether it is a single run of numbers. */
  get isRun(): boolean {
    return this.intervals.length === 2
  }

  has(vid: number): boolean {
    if (this.intervals.length <= 2) return vid >= this.intervals[0] && vid < this.intervals[1]
    return this.table[vid] === 1
  }

  /** 1 for each number that is in the set. */
  get table(): Uint8Array {
    if (this.#table === undefined) {
      this.#table = new Uint8Array(this.universe)
      const { intervals } = this
      for (let i = 0; i < intervals.length; i += 2) {
        this.#table.fill(1, intervals[i], intervals[i + 1])
      }
    }
    return this.#table
  }

  /** Whether numbers from `min` to `max` are all (1), none (-1), or partly (0) in the set. */
  covers(min: number, max: number): -1 | 0 | 1 {
    const { intervals } = this
    let low = 0
    let high = intervals.length / 2
    // The first interval that ends after min.
    while (low < high) {
      const middle = (low + high) >>> 1
      if (intervals[middle * 2 + 1] <= min) low = middle + 1
      else high = middle
    }
    if (low * 2 >= intervals.length || intervals[low * 2] > max) return -1
    return intervals[low * 2] <= min && intervals[low * 2 + 1] > max ? 1 : 0
  }

  /** All other numbers; `total` is the entries of the whole dictionary. */
  complement(total: number): VidSet {
    const { universe } = this
    const gaps = () => {
      const { intervals } = this
      const pairs: number[] = []
      let from = 0
      for (let i = 0; i < intervals.length; i += 2) {
        if (intervals[i] > from) pairs.push(from, intervals[i])
        from = intervals[i + 1]
      }
      if (from < universe) pairs.push(from, universe)
      return Uint32Array.from(pairs)
    }
    return new VidSet(universe, universe - this.size, total - this.entries, this.isExact, gaps)
  }
}

/** Numbers in any order, without duplicates, as intervals. */
export function toIntervals(vids: Uint32Array): Uint32Array {
  const sorted = vids.slice().sort()
  const intervals = new Uint32Array(sorted.length * 2)
  let at = 0
  for (const vid of sorted) {
    if (at > 0 && intervals[at - 1] === vid) intervals[at - 1] = vid + 1
    else {
      intervals[at++] = vid
      intervals[at++] = vid + 1
    }
  }
  return intervals.slice(0, at)
}
