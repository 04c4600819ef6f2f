import { DocSet } from "../docset/doc-set.ts"

/** Ordinals for each chunk; a chunk is copied when it changes while a reader has it. */
export const LIVE_CHUNK = 65_536
const CHUNK_WORDS = LIVE_CHUNK / 32

/** Which ordinals were live at some moment. Immutable. */
export class LiveView {
  /** Ordinals below this exist. */
  readonly universe: number
  /** How many of them are not live. */
  readonly dead: number
  /** Bit words by chunk, set bits are live; undefined where all are. */
  readonly chunks: readonly (Uint32Array | undefined)[]
  #docs: DocSet | undefined

  constructor(universe: number, dead: number, chunks: readonly (Uint32Array | undefined)[]) {
    this.universe = universe
    this.dead = dead
    this.chunks = chunks
  }

  get size(): number {
    return this.universe - this.dead
  }

  has(ordinal: number): boolean {
    const chunk = this.chunks[ordinal >>> 16]
    if (ordinal >= this.universe) return false
    return chunk === undefined || ((chunk[(ordinal & 0xffff) >>> 5] >>> (ordinal & 31)) & 1) === 1
  }

  /** Bytes of the set, if it was asked for. */
  get docsBytes(): number {
    return this.#docs?.byteLength ?? 0
  }

  /** The live ordinals as a set. */
  get docs(): DocSet {
    this.#docs ??= this.#toDocSet()
    return this.#docs
  }

  #toDocSet(): DocSet {
    if (this.dead === 0) return DocSet.all(this.universe)
    const words = new Uint32Array(Math.ceil(this.universe / 32))
    for (let i = 0, at = 0; at < words.length; i++, at += CHUNK_WORDS) {
      const chunk = this.chunks[i]
      const length = Math.min(CHUNK_WORDS, words.length - at)
      if (chunk === undefined) words.fill(0xffffffff, at, at + length)
      else words.set(chunk.subarray(0, length), at)
    }
    const rest = this.universe & 31
    if (rest !== 0) words[words.length - 1] &= 2 ** rest - 1
    return DocSet.dense(words, this.universe, this.size)
  }
}

/** The live ordinals of a segment or memtable, with views of what they were. */
export class LiveSet {
  #universe: number
  #dead = 0
  #chunks: (Uint32Array | undefined)[] = []
  /** Chunks that a view may have. */
  #shared = new Set<number>()
  /** Chunks that changed since they were last written to the store. */
  readonly #dirty = new Set<number>()
  #view: LiveView | undefined
  /** Of the chunks. */
  #bytes = 0

  constructor(universe: number, chunks: readonly (Uint32Array | undefined)[] = [], dead = 0) {
    this.#universe = universe
    this.#chunks = [...chunks]
    this.#dead = dead
    this.#shared = new Set(this.#chunks.keys())
    for (const chunk of chunks) this.#bytes += chunk?.byteLength ?? 0
  }

  get universe(): number {
    return this.#universe
  }

  get dead(): number {
    return this.#dead
  }

  get byteLength(): number {
    return this.#bytes + (this.#view?.docsBytes ?? 0)
  }

  has(ordinal: number): boolean {
    if (ordinal >= this.#universe) return false
    const chunk = this.#chunks[ordinal >>> 16]
    return chunk === undefined || ((chunk[(ordinal & 0xffff) >>> 5] >>> (ordinal & 31)) & 1) === 1
  }

  /** More ordinals, all live. */
  grow(universe: number): void {
    this.#universe = universe
    this.#view = undefined
  }

  /** Takes a live ordinal out. */
  kill(ordinal: number): void {
    const index = ordinal >>> 16
    let chunk = this.#chunks[index]
    if (chunk === undefined || this.#shared.has(index)) {
      if (chunk === undefined) {
        chunk = new Uint32Array(CHUNK_WORDS).fill(0xffffffff)
        this.#bytes += chunk.byteLength
      } else chunk = chunk.slice()
      this.#chunks[index] = chunk
      this.#shared.delete(index)
    }
    chunk[(ordinal & 0xffff) >>> 5] &= ~(1 << (ordinal & 31))
    this.#dead++
    this.#dirty.add(index)
    this.#view = undefined
  }

  /** What is live now, unchanged by what comes. */
  view(): LiveView {
    if (this.#view === undefined) {
      this.#view = new LiveView(this.#universe, this.#dead, [...this.#chunks])
      this.#shared = new Set(this.#chunks.keys())
    }
    return this.#view
  }

  /** The chunks that changed since the last call. */
  takeDirty(): number[] {
    const dirty = [...this.#dirty]
    this.#dirty.clear()
    return dirty
  }
}
