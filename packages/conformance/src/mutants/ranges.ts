import { type KeyRange, MemoryStore, type WriteOp } from "@tierdex/core"
import { ALL, bytes, entriesOf } from "../support/entries.ts"
import { Flaw, inMemory } from "./mutant.ts"

/** Deleted ranges that are wrong in one way each. */
export const rangeMutants = inMemory({
  "deletes one key too many": [
    "deleteRange: deletes from its first key to before its last, and nothing else",
    () => new Deleting(({ gte, lt }) => ({ gte, lt: bytes(...lt, 0) })),
  ],
  "does not delete the first key": [
    "deleteRange: deletes from its first key to before its last, and nothing else",
    () => new Deleting(({ gte, lt }) => ({ gte: bytes(...gte, 0), lt })),
  ],
  "deletes from the first key, wherever the range begins": [
    ["engine: has snapshots that stay as they were"],
    () => new Deleting(({ lt }) => ({ gte: ALL.gte, lt })),
  ],
  "does not delete ranges": [
    ["engine: flushes, merges and frees in a small budget, and verifies"],
    () => new Deleting(({ lt }) => ({ gte: lt, lt })),
  ],
  "fails to delete what is not there": [
    "deleteRange: may be repeated, and may find nothing",
    () =>
      new (class extends MemoryStore {
        override async deleteRange(range: KeyRange) {
          const entries = await entriesOf(this, range)
          if (entries.length === 0) throw new Flaw("There is nothing to delete.")
          await super.deleteRange(range)
        }
      })(),
  ],
  "hides a deleted range for ever": [
    "deleteRange: may be repeated, and may find nothing",
    () =>
      new (class extends MemoryStore {
        readonly #deleted: KeyRange[] = []
        override async deleteRange(range: KeyRange) {
          this.#deleted.push({ gte: range.gte.slice(), lt: range.lt.slice() })
          await super.deleteRange(range)
        }
        override get(key: Uint8Array) {
          const isHidden = this.#deleted.some(
            ({ gte, lt }) => Buffer.compare(gte, key) <= 0 && Buffer.compare(key, lt) < 0,
          )
          return isHidden ? undefined : super.get(key)
        }
      })(),
  ],
  "deletes a range in one turn of the event loop": [
    "deleteRange: frees a million keys without stalling the event loop",
    () =>
      new (class extends MemoryStore {
        readonly #keys: Uint8Array[] = []
        override async write(ops: readonly WriteOp[]) {
          for (const { key } of ops) this.#keys.push(key)
          await super.write(ops)
        }
        override async deleteRange({ gte, lt }: KeyRange) {
          const keys = this.#keys.filter(
            (key) => Buffer.compare(gte, key) <= 0 && Buffer.compare(key, lt) < 0,
          )
          await super.write(keys.map((key) => ({ type: "delete", key })))
        }
      })(),
  ],
  "writes back what a deleted range left": [
    "deleteRange: lets other calls go on meanwhile",
    () =>
      new (class extends MemoryStore {
        override async deleteRange(range: KeyRange) {
          const before = await entriesOf(this, { gte: ALL.gte, lt: range.gte })
          await super.deleteRange(range)
          await super.write(before.map((entry) => ({ type: "put", ...entry })))
        }
      })(),
  ],
})

/** Deletes another range than it is given. */
class Deleting extends MemoryStore {
  readonly #change: (range: KeyRange) => KeyRange

  constructor(change: (range: KeyRange) => KeyRange) {
    super()
    this.#change = change
  }

  override async deleteRange(range: KeyRange) {
    await super.deleteRange(this.#change(range))
  }
}
