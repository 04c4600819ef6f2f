import { MemoryStore, type ScanOptions, type WriteOp } from "@tierdex/core"
import { inMemory } from "./mutant.ts"

const WHOLE =
  "copies: are whole: of an index that is written to, of a snapshot, and of a closed one"

/** Stores that lose or damage pages on the way to another. */
export const copyMutants = inMemory({
  "leaves every hundredth page out of its scans": [
    WHOLE,
    () =>
      new (class extends MemoryStore {
        readonly #isHit = everyHundredth()
        override async *scan(options: ScanOptions) {
          for await (const batch of super.scan(options)) {
            const left = batch.filter(({ value }) => !this.#isHit(value))
            if (left.length > 0) yield left
          }
        }
      })(),
  ],
  "changes a byte of every hundredth page that it scans": [
    WHOLE,
    () =>
      new (class extends MemoryStore {
        readonly #isHit = everyHundredth()
        override async *scan(options: ScanOptions) {
          for await (const batch of super.scan(options)) {
            yield batch.map(({ key, value }) => ({
              key,
              value: this.#isHit(value) ? value.with(600, value[600] ^ 0x80) : value,
            }))
          }
        }
      })(),
  ],
  "drops every hundredth page that it is given": [
    WHOLE,
    () =>
      new (class extends MemoryStore {
        readonly #isHit = everyHundredth()
        override async write(ops: readonly WriteOp[]) {
          await super.write(ops.filter((op) => op.type === "delete" || !this.#isHit(op.value)))
        }
      })(),
  ],
})

/** Counts what is large enough to be a page of an index, rather than something of a scenario. */
function everyHundredth(): (value: Uint8Array) => boolean {
  let pages = 0
  return (value) => value.length > 1_000 && ++pages % 100 === 0
}
