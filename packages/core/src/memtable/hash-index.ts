/** Slots of a table that has grown up. */
const TABLE_SLOTS = 32_768
const FIRST_SLOTS = 16
/** Of 32 hash bits, at most so many choose a table. */
const MAX_DIRECTORY_BITS = 24

/**
 * A hash table from 32-bit hashes to entry numbers that grows in small steps: extendible hashing
 * (Fagin et al., 1979). A full table of 32,768 slots is split in two, in a fraction of a
 * millisecond; nothing else moves, so no insertion takes long, however many there are.
 */
export class HashIndex {
  #directoryBits = 0
  #directory: Table[] = [new Table(FIRST_SLOTS, 0)]
  #byteLength = FIRST_SLOTS * 8
  // Of the search in progress: what is looked for, and where next.
  #table = this.#directory[0]
  #hash = 0
  #at = 0

  get byteLength(): number {
    return this.#byteLength + this.#directory.length * 8
  }

  /** An entry under a hash, or -1. Begins the search that `next` continues. */
  first(hash: number): number {
    this.#table = this.#directory[this.#slotOf(hash)]
    this.#hash = hash
    this.#at = hash & (this.#table.entries.length - 1)
    return this.next()
  }

  /** Another entry under the same hash, or -1. Nothing must be added meanwhile. */
  next(): number {
    const { hashes, entries } = this.#table
    const mask = entries.length - 1
    const hash = this.#hash
    for (let at = this.#at; entries[at] !== 0; at = (at + 1) & mask) {
      if (hashes[at] !== hash) continue
      this.#at = (at + 1) & mask
      return entries[at] - 1
    }
    return -1
  }

  /** Adds an entry; it must not be there under this hash. */
  add(hash: number, entry: number): void {
    let table = this.#directory[this.#slotOf(hash)]
    while (table.isFull) {
      if (table.entries.length < TABLE_SLOTS || table.bits >= MAX_DIRECTORY_BITS) {
        this.#enlarge(table, hash)
      } else this.#split(table, hash)
      table = this.#directory[this.#slotOf(hash)]
    }
    table.add(hash, entry)
  }

  /** Puts an entry in the place of another under the same hash. */
  replace(hash: number, previous: number, entry: number): void {
    const { hashes, entries } = this.#directory[this.#slotOf(hash)]
    const mask = entries.length - 1
    for (let at = hash & mask; entries[at] !== 0; at = (at + 1) & mask) {
      if (hashes[at] === hash && entries[at] === previous + 1) {
        entries[at] = entry + 1
        return
      }
    }
    throw new RangeError("The entry to replace is not in the hash index.")
  }

  #slotOf(hash: number): number {
    return this.#directoryBits === 0 ? 0 : hash >>> (32 - this.#directoryBits)
  }

  #enlarge(table: Table, hash: number): void {
    const bigger = new Table(table.entries.length * 2, table.bits)
    table.moveTo(() => bigger)
    this.#byteLength += (bigger.entries.length - table.entries.length) * 8
    const span = 1 << (this.#directoryBits - table.bits)
    const start = this.#slotOf(hash) & -span
    this.#directory.fill(bigger, start, start + span)
  }

  #split(table: Table, hash: number): void {
    if (table.bits === this.#directoryBits) {
      this.#directory = this.#directory.flatMap((entry) => [entry, entry])
      this.#directoryBits++
    }
    const bits = table.bits + 1
    const left = new Table(TABLE_SLOTS, bits)
    const right = new Table(TABLE_SLOTS, bits)
    table.moveTo((hash) => (((hash >>> (32 - bits)) & 1) === 0 ? left : right))
    this.#byteLength += TABLE_SLOTS * 8
    const half = 1 << (this.#directoryBits - bits)
    const start = this.#slotOf(hash) & (-2 * half)
    this.#directory.fill(left, start, start + half)
    this.#directory.fill(right, start + half, start + 2 * half)
  }
}

/** Open addressing with linear probing; an entry is stored plus 1, so that 0 is an empty slot. */
class Table {
  readonly hashes: Uint32Array
  readonly entries: Uint32Array
  /** Leading hash bits that all entries share. */
  readonly bits: number
  #count = 0

  constructor(slots: number, bits: number) {
    this.hashes = new Uint32Array(slots)
    this.entries = new Uint32Array(slots)
    this.bits = bits
  }

  get isFull(): boolean {
    return this.#count * 4 >= this.entries.length * 3
  }

  add(hash: number, entry: number): void {
    const mask = this.entries.length - 1
    let at = hash & mask
    while (this.entries[at] !== 0) at = (at + 1) & mask
    this.hashes[at] = hash
    this.entries[at] = entry + 1
    this.#count++
  }

  moveTo(choose: (hash: number) => Table): void {
    for (let at = 0; at < this.entries.length; at++) {
      if (this.entries[at] !== 0) choose(this.hashes[at]).add(this.hashes[at], this.entries[at] - 1)
    }
  }
}
