import type { Steps } from "../cache/steps.ts"

/**
 * Arrays of bit words that nobody uses, by length. A question makes several for each part, of as
 * many bits as the part has records: left to the garbage collector, which hardly sees memory beside
 * the heap, they would pile up to a multiple of what is in use.
 */
export class WordPool {
  /** Of all arrays that are free. */
  readonly maxBytes: number
  readonly #free = new Map<number, Uint32Array[]>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** Bytes of the arrays that are free. */
  get bytes(): number {
    return this.#bytes
  }

  take(length: number): Uint32Array | undefined {
    const words = this.#free.get(length)?.pop()
    if (words !== undefined) this.#bytes -= words.byteLength
    return words
  }

  give(words: Uint32Array): void {
    if (words.byteLength > this.maxBytes) return
    // Lengths go out of use as segments come and go, so what is there makes room.
    if (this.#bytes + words.byteLength > this.maxBytes) this.clear()
    const alike = this.#free.get(words.length)
    if (alike === undefined) this.#free.set(words.length, [words])
    else alike.push(words)
    this.#bytes += words.byteLength
  }

  clear(): void {
    this.#free.clear()
    this.#bytes = 0
  }
}

/** What the steps that run now have taken from their pool; undefined: they leave it to garbage. */
let current: Scratch | undefined

interface Scratch {
  readonly pool: WordPool
  readonly taken: Uint32Array[]
}

/**
 * Runs steps whose bit words are used again as soon as they end. No set that they make may outlive
 * them, unless it is a copy (`DocSet.copy`).
 * @param pool that of the steps around them, if not given; if those have none, all is left to
 * garbage
 */
export function* withScratch<R>(steps: Steps<R>, pool = current?.pool): Steps<R> {
  if (pool === undefined) return yield* steps
  const scratch: Scratch = { pool, taken: [] }
  try {
    let step = advance(scratch, steps)
    while (!step.done) {
      let failure: { readonly error: unknown } | undefined
      try {
        yield step.value
      } catch (error) {
        failure = { error }
      }
      step = advance(scratch, steps, failure)
    }
    return step.value
  } finally {
    for (const words of scratch.taken) pool.give(words)
  }
}

function advance<R>(scratch: Scratch, steps: Steps<R>, failure?: { readonly error: unknown }) {
  const outer = current
  current = scratch
  try {
    return failure === undefined ? steps.next() : steps.throw(failure.error)
  } finally {
    current = outer
  }
}

/** Bit words for a set of the steps that run now, with no bit set. */
export function emptyWords(length: number): Uint32Array {
  const used = takeWords(length)
  return used === undefined ? noted(new Uint32Array(length)) : used.fill(0)
}

/** As `emptyWords`, for those who write every word: holds anything. */
export function anyWords(length: number): Uint32Array {
  return takeWords(length) ?? noted(new Uint32Array(length))
}

function takeWords(length: number): Uint32Array | undefined {
  const words = current?.pool.take(length)
  return words === undefined ? undefined : noted(words)
}

function noted(words: Uint32Array): Uint32Array {
  current?.taken.push(words)
  return words
}
