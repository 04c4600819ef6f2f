import { type Entry, MemoryStore, type ScanOptions, type WriteOp } from "@tierdex/core"
import { nextTurn } from "@tierdex/core/adapter"
import { text } from "../support/entries.ts"
import { inMemory } from "./mutant.ts"

/** Reads that are wrong in one way each. */
export const readMutants = inMemory({
  "learns only on opening what it can do": [
    "capabilities: are told before the store is open",
    () =>
      new (class extends MemoryStore {
        override readonly capabilities = {
          durableWrites: false,
          syncReads: true,
          persistent: false,
        }
        override async open() {
          await super.open()
          Object.assign(this.capabilities, { durableWrites: true })
        }
      })(),
  ],
  "says that it reads synchronously, and answers with promises": [
    "capabilities: syncReads: values or promises, whichever is said",
    () =>
      new (class extends MemoryStore {
        override get(key: Uint8Array) {
          return Promise.resolve(super.get(key)) as never
        }
      })(),
  ],
  "says that it answers with promises, and does not": [
    "capabilities: syncReads: values or promises, whichever is said",
    () =>
      new (class extends MemoryStore {
        override readonly capabilities = asynchronous
      })(),
  ],
  "orders keys by their length first": [
    "keys: order as bytes, in both directions",
    () => new Resorted((a, b) => a.length - b.length || Buffer.compare(a, b)),
  ],
  "orders keys by their first eight bytes, and ties in reverse": [
    "keys: order as bytes, in both directions",
    () =>
      new Resorted(
        (a, b) => Buffer.compare(a.subarray(0, 8), b.subarray(0, 8)) || Buffer.compare(b, a),
      ),
  ],
  "orders keys as UTF-16": [
    "keys: order as bytes, in both directions",
    () => new Resorted((a, b) => (utf16(a) < utf16(b) ? -1 : 1)),
  ],
  "drops zero bytes at the end of keys": [
    "keys: of 1 to 64 bytes are told apart, to the last byte",
    () => new Rekeyed((key) => key.subarray(0, key.findLastIndex((byte) => byte > 0) + 1)),
  ],
  "cuts keys after 63 bytes": [
    "keys: of 1 to 64 bytes are told apart, to the last byte",
    () => new Rekeyed((key) => key.subarray(0, 63)),
  ],
  "takes an empty value for none": [
    "values: that are empty are not missing",
    () =>
      new (class extends MemoryStore {
        override get(key: Uint8Array) {
          return super.get(key)?.length ? super.get(key) : undefined
        }
      })(),
  ],
  "answers many keys in key order": [
    "reads: of many keys answer in their order, with gaps and repeats",
    () =>
      new (class extends MemoryStore {
        override getMany(keys: readonly Uint8Array[]) {
          return super.getMany(keys.toSorted(Buffer.compare))
        }
      })(),
  ],
  "leaves out of many what is missing": [
    "reads: of many keys answer in their order, with gaps and repeats",
    () =>
      new (class extends MemoryStore {
        override getMany(keys: readonly Uint8Array[]) {
          return super.getMany(keys).filter((value) => value !== undefined)
        }
      })(),
  ],
  "reads a key once, however often it is asked for": [
    "reads: of many keys answer in their order, with gaps and repeats",
    () =>
      new (class extends MemoryStore {
        override getMany(keys: readonly Uint8Array[]) {
          const seen = new Set<string>()
          return keys.map((key) => {
            if (seen.has(text(key))) return undefined
            seen.add(text(key))
            return super.get(key)
          })
        }
      })(),
  ],
  "reads no more than 1,000 keys at once": [
    "reads: of 10,000 keys at once",
    () =>
      new (class extends MemoryStore {
        override getMany(keys: readonly Uint8Array[]) {
          return keys.map((key, i) => (i < 1_000 ? super.get(key) : undefined))
        }
      })(),
  ],
  "reads into one buffer, of whoever asks": [
    "concurrency: overlapping reads get values of their own",
    () =>
      new (class extends MemoryStore {
        override readonly capabilities = asynchronous
        #last: Uint8Array | undefined
        override get(key: Uint8Array) {
          this.#last = super.get(key)
          return nextTurn().then(() => this.#last) as never
        }
        override getMany(keys: readonly Uint8Array[]) {
          return Promise.all(keys.map((key) => this.get(key))) as never
        }
      })(),
  ],
})

const asynchronous = { durableWrites: false, syncReads: false, persistent: false }

/** Scans by another order. */
class Resorted extends MemoryStore {
  readonly #compare: (a: Uint8Array, b: Uint8Array) => number

  constructor(compare: (a: Uint8Array, b: Uint8Array) => number) {
    super()
    this.#compare = compare
  }

  override async *scan({ reverse = false, ...range }: ScanOptions) {
    const entries: Entry[] = []
    for await (const batch of super.scan(range)) entries.push(...batch)
    entries.sort((a, b) => this.#compare(a.key, b.key))
    if (reverse) entries.reverse()
    if (entries.length > 0) yield entries
  }
}

/** Stores under other keys. */
class Rekeyed extends MemoryStore {
  readonly #rekey: (key: Uint8Array) => Uint8Array

  constructor(rekey: (key: Uint8Array) => Uint8Array) {
    super()
    this.#rekey = rekey
  }

  override get(key: Uint8Array) {
    return super.get(this.#rekey(key))
  }

  override async write(ops: readonly WriteOp[]) {
    await super.write(ops.map((op) => ({ ...op, key: this.#rekey(op.key) })))
  }
}

function utf16(key: Uint8Array): string {
  return Buffer.from(key).toString("utf8")
}
