import type { Entry } from "./store.ts"

/** Entries in a chunk, at most. */
const CHUNK = 512

/** Entries in ascending key order, never empty, except that a map without entries has no chunk. */
interface Chunk {
  readonly keys: Uint8Array[]
  readonly values: Uint8Array[]
}

/**
 * A map ordered by the bytes of its keys: a sorted array cut into chunks, so that an insertion
 * moves at most one chunk's entries. Ascending insertion leaves full chunks.
 *
 * Keeps the arrays it is given, and hands out those.
 */
export class SortedEntries {
  readonly #chunks: Chunk[] = []
  #size = 0
  #byteLength = 0

  get size(): number {
    return this.#size
  }

  /** The bytes of all keys and values. */
  get byteLength(): number {
    return this.#byteLength
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const chunk = this.#chunks[this.#chunkOf(key)]
    if (chunk === undefined) return undefined
    const at = lowerBound(chunk.keys, key)
    return isKeyAt(chunk.keys, at, key) ? chunk.values[at] : undefined
  }

  put(key: Uint8Array, value: Uint8Array): void {
    const chunks = this.#chunks
    if (chunks.length === 0) chunks.push({ keys: [], values: [] })
    let c = this.#chunkOf(key)
    let { keys, values } = chunks[c]
    let at = lowerBound(keys, key)
    if (isKeyAt(keys, at, key)) {
      this.#byteLength += value.byteLength - values[at].byteLength
      values[at] = value
      return
    }
    if (keys.length === CHUNK) {
      // Past the greatest key a new chunk starts empty, elsewhere with the upper half.
      const from = c === chunks.length - 1 && at === CHUNK ? CHUNK : CHUNK / 2
      chunks.splice(c + 1, 0, { keys: keys.splice(from), values: values.splice(from) })
      if (at > from || from === CHUNK) {
        c++
        at -= from
        keys = chunks[c].keys
        values = chunks[c].values
      }
    }
    keys.splice(at, 0, key)
    values.splice(at, 0, value)
    this.#size++
    this.#byteLength += key.byteLength + value.byteLength
  }

  delete(key: Uint8Array): void {
    const c = this.#chunkOf(key)
    const keys = this.#chunks[c]?.keys ?? []
    const at = lowerBound(keys, key)
    if (isKeyAt(keys, at, key)) this.#remove(c, at, 1)
  }

  /** Deletes the first entries of `[gte, lt)`, at most `limit`, and answers how many. */
  deleteSome(gte: Uint8Array, lt: Uint8Array, limit: number): number {
    let deleted = 0
    while (deleted < limit) {
      const [c, from] = this.#seek(gte)
      if (c === this.#chunks.length) break
      const to = Math.min(lowerBound(this.#chunks[c].keys, lt), from + limit - deleted)
      if (to <= from) break
      this.#remove(c, from, to - from)
      deleted += to - from
    }
    return deleted
  }

  /** The first entries of `[gte, lt)`, or in reverse the last ones downwards, at most `limit`. */
  range(gte: Uint8Array, lt: Uint8Array, reverse: boolean, limit: number): Entry[] {
    const entries: Entry[] = []
    let [c, at] = this.#seek(reverse ? lt : gte)
    if (reverse) at--
    while (entries.length < limit) {
      if (reverse && at < 0) {
        c--
        at = (this.#chunks[c]?.keys.length ?? 0) - 1
      } else if (!reverse && at === this.#chunks[c]?.keys.length) {
        c++
        at = 0
      }
      const key = this.#chunks[c]?.keys[at]
      if (key === undefined || (reverse ? compareKeys(key, gte) < 0 : compareKeys(key, lt) >= 0)) {
        break
      }
      entries.push({ key, value: this.#chunks[c].values[at] })
      at += reverse ? -1 : 1
    }
    return entries
  }

  /** Throws if an invariant is broken. For tests. */
  check(): void {
    let size = 0
    let byteLength = 0
    let previous: Uint8Array | undefined
    for (const { keys, values } of this.#chunks) {
      if (keys.length === 0 || keys.length > CHUNK) throw new Error(`a chunk of ${keys.length}`)
      if (keys.length !== values.length) throw new Error("keys and values differ in number")
      keys.forEach((key, i) => {
        if (previous !== undefined && compareKeys(previous, key) >= 0) throw new Error("order")
        previous = key
        size++
        byteLength += key.byteLength + values[i].byteLength
      })
    }
    if (size !== this.#size) throw new Error(`size is ${this.#size}, counted ${size}`)
    if (byteLength !== this.#byteLength) throw new Error("byteLength is wrong")
  }

  /** Where the first key at or above `key` stands, or past the last chunk. */
  #seek(key: Uint8Array): [chunk: number, at: number] {
    const c = this.#chunkOf(key)
    const keys = this.#chunks[c]?.keys
    if (keys === undefined) return [c, 0]
    const at = lowerBound(keys, key)
    return at === keys.length ? [c + 1, 0] : [c, at]
  }

  /** The last chunk whose first key is at or below `key`, else the first. */
  #chunkOf(key: Uint8Array): number {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (compareKeys(this.#chunks[middle].keys[0], key) <= 0) low = middle
      else high = middle - 1
    }
    return low
  }

  #remove(c: number, at: number, count: number): void {
    const { keys, values } = this.#chunks[c]
    for (const key of keys.splice(at, count)) this.#byteLength -= key.byteLength
    for (const value of values.splice(at, count)) this.#byteLength -= value.byteLength
    this.#size -= count
    if (keys.length === 0) this.#chunks.splice(c, 1)
  }
}

function isKeyAt(keys: readonly Uint8Array[], at: number, key: Uint8Array): boolean {
  return at < keys.length && compareKeys(keys[at], key) === 0
}

/** The first position whose key is at or above `key`. */
function lowerBound(keys: readonly Uint8Array[], key: Uint8Array): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareKeys(keys[middle], key) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** Bytewise, the shorter first: faster on short keys than `Buffer.compare`. */
function compareKeys(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return a[i] - b[i]
  }
  return a.length - b.length
}
