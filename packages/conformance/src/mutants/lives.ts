import {
  type KeyRange,
  MemoryStore,
  type ScanOptions,
  TierdexError,
  type WriteOp,
} from "@tierdex/core"
import { nextTurn, storeClosed, storeLocked } from "@tierdex/core/adapter"
import { ALL, entriesOf } from "../support/entries.ts"
import { inMemory } from "./mutant.ts"

type Ops = readonly WriteOp[]

/** Openings, closings and sizes that are wrong in one way each. */
export const lifeMutants = inMemory({
  "forgets its last write when it closes": [
    "reopening: finds what was there, as it was",
    () =>
      new (class extends MemoryStore {
        #last: Ops = []
        override async write(ops: Ops) {
          this.#last = ops.map(({ key }) => ({ type: "delete", key: key.slice() }))
          await super.write(ops)
        }
        override async close() {
          if (this.#last.length > 0) await super.write(this.#last)
          this.#last = []
          await super.close()
        }
      })(),
  ],
  "brings deleted ranges back when it opens": [
    "reopening: ten times over, each with writes and deleted ranges",
    () =>
      new (class extends MemoryStore {
        #deleted: Ops = []
        override async deleteRange(range: KeyRange) {
          const entries = await entriesOf(this, range)
          this.#deleted = entries.map((entry) => ({ type: "put", ...entry }))
          await super.deleteRange(range)
        }
        override async open() {
          await super.open()
          await super.write(this.#deleted)
        }
      })(),
  ],
  "forgets everything when it opens": [
    [
      "engine: finds writes that were not flushed",
      "engine: is refused on a store with entries of something else",
    ],
    () =>
      new (class extends MemoryStore {
        override async open() {
          await super.open()
          await super.deleteRange(ALL)
        }
      })(),
  ],
  "drops writes that are under way when it closes": [
    "close: waits for the writes that were called before",
    () =>
      new (class extends MemoryStore {
        override async write(ops: Ops) {
          await nextTurn()
          await super.write(ops)
        }
      })(),
  ],
  "refuses to close a second time": [
    "close: does nothing the second time",
    () =>
      new (class extends MemoryStore {
        #isOpen = true
        override async close() {
          if (!this.#isOpen) throw storeClosed()
          this.#isOpen = false
          await super.close()
        }
        override async open() {
          await super.open()
          this.#isOpen = true
        }
      })(),
  ],
  "refuses to close what is not open": [
    "close: is quiet about a store that was never open",
    () =>
      new (class extends MemoryStore {
        #wasOpen = false
        override async open() {
          await super.open()
          this.#wasOpen = true
        }
        override async close() {
          if (!this.#wasOpen) throw storeClosed()
          await super.close()
        }
      })(),
  ],
  "finds nothing once it is closed": [
    "close: refuses every call that comes after",
    () =>
      new (class extends MemoryStore {
        override get(key: Uint8Array) {
          try {
            return super.get(key)
          } catch {
            return undefined
          }
        }
      })(),
  ],
  "takes writes once it is closed": [
    "close: refuses every call that comes after",
    () =>
      new (class extends MemoryStore {
        override async write(ops: Ops) {
          await super.write(ops).catch(() => undefined)
        }
      })(),
  ],
  "refuses calls once it is closed, with an error of another code": [
    "close: refuses every call that comes after",
    () =>
      new (class extends MemoryStore {
        override async sizeOnDisk() {
          return await super.sizeOnDisk().catch((error) => {
            throw failedInstead(error)
          })
        }
      })(),
  ],
  "ends a scan quietly when it closes": [
    "close: ends a scan that is under way, which cannot be taken for a whole one",
    () =>
      new (class extends MemoryStore {
        override async *scan(options: ScanOptions) {
          const scan = super.scan(options)
          for (;;) {
            const next = await scan.next().catch(() => undefined)
            if (next === undefined || next.done) return
            yield next.value
          }
        }
      })(),
  ],
  "fails a deleteRange when it closes": [
    "close: ends a deleteRange that is under way, to be repeated",
    () =>
      new (class extends MemoryStore {
        override async deleteRange(range: KeyRange) {
          await super.deleteRange(range).catch((error) => {
            throw failedInstead(error)
          })
        }
      })(),
  ],
  "has no lock": [
    [
      "lock: refuses a second opener, and leaves the first alone",
      "engine: is refused where another index is open",
    ],
    () =>
      new (class extends MemoryStore {
        override async open() {
          await super.open().catch(() => undefined)
        }
      })(),
  ],
  "refuses a second opener, and closes the first": [
    "lock: refuses a second opener, and leaves the first alone",
    () =>
      new (class extends MemoryStore {
        override async open() {
          await super.open().catch(async (error) => {
            await super.close()
            throw error
          })
        }
      })(),
  ],
  "looks for the lock before it takes it": [
    "lock: goes when its owner closes, and one of two openers at once has it",
    () =>
      new (class extends MemoryStore {
        #isOpen = false
        override async open() {
          if (this.#isOpen) throw storeLocked("This store")
          await nextTurn()
          this.#isOpen = true
          await super.open().catch(() => undefined)
        }
        override async close() {
          this.#isOpen = false
          await super.close()
        }
      })(),
  ],
  "keeps its lock when it closes": [
    "lock: goes when its owner closes, and one of two openers at once has it",
    () =>
      new (class extends MemoryStore {
        #times = 0
        override async open() {
          if (++this.#times > 2) throw storeLocked("This store")
          await super.open()
        }
      })(),
  ],
  "tells no size": [
    "files: sizeOnDisk counts what is there",
    () =>
      new (class extends MemoryStore {
        override async sizeOnDisk() {
          return (await super.sizeOnDisk()) * 0
        }
      })(),
  ],
})

/** What is not `TIERDEX_CLOSED`, as it should be. */
function failedInstead(cause: unknown): TierdexError {
  return new TierdexError("TIERDEX_STORE_FAILED", "The store failed.", { cause })
}
