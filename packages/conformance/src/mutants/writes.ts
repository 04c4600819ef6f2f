import { type Entry, MemoryStore, type ScanOptions, type WriteOp } from "@tierdex/core"
import { nextTurn } from "@tierdex/core/adapter"
import { bytes, text } from "../support/entries.ts"
import { Flaw, inMemory } from "./mutant.ts"

type Ops = readonly WriteOp[]

/** Writes that are wrong in one way each. */
export const writeMutants = inMemory({
  "refuses what it cannot make durable": [
    "capabilities: durableWrites: both kinds of write are taken, whatever is said",
    () =>
      new (class extends MemoryStore {
        override async write(ops: Ops, options: { readonly durable: boolean }) {
          if (options.durable) throw new Flaw("Nothing is durable here.")
          await super.write(ops)
        }
      })(),
  ],
  "cuts values after 65,535 bytes": [
    ["values: of 0 bytes to 1 MiB come back as they were"],
    () => new Writing((ops) => ops.map((op) => withValue(op, (v) => v.subarray(0, 65_535)))),
  ],
  "stores the buffer below a view": [
    "values: may be parts of larger buffers",
    () => new Writing((ops) => ops.map((op) => withValue(op, (v) => new Uint8Array(v.buffer)))),
  ],
  "resolves before it writes": [
    "reads: see a write once its promise resolves",
    () =>
      new (class extends MemoryStore {
        override async write(ops: Ops) {
          nextTurn()
            .then(() => super.write(ops))
            .catch(() => undefined)
        }
      })(),
  ],
  "deletes every key that begins with a deleted one": [
    "batches: and deleted ranges leave what a sorted map would hold",
    () =>
      new (class extends MemoryStore {
        override async write(ops: Ops) {
          for (const op of ops) {
            await super.write([op])
            if (op.type === "delete") {
              await super.deleteRange({ gte: op.key, lt: bytes(...op.key, 0xff) })
            }
          }
        }
      })(),
  ],
  "puts before it deletes": [
    "batches: keep to the order of their operations, of which the later wins",
    () => new Writing((ops) => ops.toSorted((a, b) => (a.type < b.type ? 1 : -1))),
  ],
  "lets the first of two operations win": [
    "batches: keep to the order of their operations, of which the later wins",
    () => new Writing((ops) => ops.toReversed()),
  ],
  "drops the last write of a batch": [
    "batches: are written to their last operation, of any length",
    () => new Writing((ops) => ops.slice(0, -1)),
  ],
  "drops the last write of a batch of 1,000 or more": [
    "batches: are written to their last operation, of any length",
    () => new Writing((ops) => (ops.length < 1_000 ? ops : ops.slice(0, -1))),
  ],
  "refuses an empty batch": [
    "batches: may be empty",
    () =>
      new Writing((ops) => {
        if (ops.length === 0) throw new Flaw("There is nothing to write.")
        return ops
      }),
  ],
  "writes no more than 65,536 operations": [
    "batches: of 100,000 operations",
    () => new Writing((ops) => ops.slice(0, 65_536)),
  ],
  "writes no more than 8 MiB at once": [
    "batches: of 16 MiB",
    () =>
      new Writing((ops) => {
        let left = 2 ** 23
        return ops.filter((op) => {
          left -= op.type === "put" ? op.value.length : 0
          return left >= 0
        })
      }),
  ],
  "lets small writes overtake large ones": [
    "concurrency: overlapping writes take effect in the order of their calls",
    () =>
      new (class extends MemoryStore {
        override async write(ops: Ops) {
          for (const _ of ops) await nextTurn()
          await super.write(ops)
        }
      })(),
  ],
  "loses a write that is called while another is under way": [
    "concurrency: each of 50 callers reads what it wrote",
    () =>
      new (class extends MemoryStore {
        #isBusy = false
        override async write(ops: Ops) {
          if (this.#isBusy) return await nextTurn()
          this.#isBusy = true
          await nextTurn()
          await super.write(ops)
          this.#isBusy = false
        }
      })(),
  ],
  "keeps the arrays that it is given": [
    "ownership: arrays that were passed in are the caller's again",
    () =>
      new (class extends MemoryStore {
        readonly #given = new Map<string, Uint8Array>()
        override async write(ops: Ops) {
          for (const op of ops) if (op.type === "put") this.#given.set(text(op.key), op.value)
          await super.write(ops)
        }
        override async *scan(options: ScanOptions) {
          for await (const batch of super.scan(options)) {
            yield batch.map(
              ({ key, value }): Entry => ({ key, value: this.#given.get(text(key)) ?? value }),
            )
          }
        }
      })(),
  ],
  "sorts the operations that it is given": [
    "ownership: arrays that were passed in are not changed",
    () => new Writing((ops) => (ops as WriteOp[]).sort((a, b) => Buffer.compare(a.key, b.key))),
  ],
  "hands out one buffer again and again": [
    "ownership: arrays that were handed out never change",
    () =>
      new (class extends MemoryStore {
        readonly #buffer = new Uint8Array(2 ** 20)
        override get(key: Uint8Array) {
          const value = super.get(key)
          if (value !== undefined) this.#buffer.set(value)
          return value && this.#buffer.subarray(0, value.length)
        }
      })(),
  ],
  "hands out one array to all who read a value": [
    "ownership: arrays that were handed out are the receiver's to write to",
    () =>
      new (class extends MemoryStore {
        readonly #read = new Map<string, Uint8Array | undefined>()
        override get(key: Uint8Array) {
          if (!this.#read.has(text(key))) this.#read.set(text(key), super.get(key))
          return this.#read.get(text(key))
        }
        override async write(ops: Ops) {
          this.#read.clear()
          await super.write(ops)
        }
      })(),
  ],
  "changes a bit of every twentieth large value": [
    [
      "engine: answers as the model does, through flushes, merges and reopening",
      "engine: answers alike after flush, compact and reopening",
    ],
    () => {
      let count = 0
      return new Writing((ops) =>
        ops.map((op) =>
          withValue(op, (v) => (v.length > 64 && ++count % 20 === 0 ? v.with(40, v[40] ^ 1) : v)),
        ),
      )
    },
  ],
})

/** Writes something else than it is given. */
class Writing extends MemoryStore {
  readonly #change: (ops: Ops) => Ops

  constructor(change: (ops: Ops) => Ops) {
    super()
    this.#change = change
  }

  override async write(ops: Ops) {
    await super.write(this.#change(ops))
  }
}

function withValue(op: WriteOp, change: (value: Uint8Array) => Uint8Array): WriteOp {
  return op.type === "put" ? { ...op, value: change(op.value) } : op
}
