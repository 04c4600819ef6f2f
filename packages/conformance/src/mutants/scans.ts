import { type Entry, MemoryStore, type ScanOptions, type WriteOp } from "@tierdex/core"
import { bytes } from "../support/entries.ts"
import { Flaw, inMemory } from "./mutant.ts"

/** Scans that are wrong in one way each. */
export const scanMutants = inMemory({
  "takes the end of a range for a part of it": [
    "scans: take any bounds, direction and limit",
    () => new Scanning((options) => ({ ...options, lt: bytes(...options.lt, 0) })),
  ],
  "leaves out the beginning of a range": [
    "scans: take any bounds, direction and limit",
    () => new Scanning((options) => ({ ...options, gte: bytes(...options.gte, 0) })),
  ],
  "pays no heed to the limit of a scan": [
    "scans: take any bounds, direction and limit",
    () => new Scanning(({ gte, lt, reverse = false }) => ({ gte, lt, reverse })),
  ],
  "scans forward only": [
    "scans: take any bounds, direction and limit",
    () => new Scanning((options) => ({ ...options, reverse: false })),
  ],
  "swaps bounds that are the wrong way round": [
    "scans: of nothing have no batches",
    () =>
      new Scanning(({ gte, lt, ...rest }) =>
        Buffer.compare(gte, lt) > 0 ? { ...rest, gte: lt, lt: gte } : { ...rest, gte, lt },
      ),
  ],
  "ends a scan with an empty batch": [
    "scans: of nothing have no batches",
    () =>
      new (class extends MemoryStore {
        override async *scan(options: ScanOptions) {
          yield* super.scan(options)
          yield []
        }
      })(),
  ],
  "skips an entry between two batches": [
    "scans: come in batches, every entry once",
    () =>
      new (class extends MemoryStore {
        override async *scan(options: ScanOptions) {
          let isFirst = true
          for await (const batch of super.scan(options)) {
            yield isFirst ? batch : batch.slice(1)
            isFirst = false
          }
        }
      })(),
  ],
  "fails to close when a scan was left early": [
    "scans: may be left early",
    () =>
      new (class extends MemoryStore {
        #running = 0
        override async *scan(options: ScanOptions) {
          this.#running++
          yield* super.scan(options)
          this.#running--
        }
        override async close() {
          if (this.#running > 0) throw new Flaw("A scan is running.")
          await super.close()
        }
      })(),
  ],
  "ends a scan when something is written": [
    "scans: go on while other keys are written",
    () =>
      new (class extends MemoryStore {
        #version = 0
        override async *scan(options: ScanOptions) {
          const version = this.#version
          for await (const batch of super.scan(options)) {
            if (version !== this.#version) return
            yield batch
          }
        }
        override async write(ops: readonly WriteOp[]) {
          this.#version++
          await super.write(ops)
        }
      })(),
  ],
  "takes no write while it reads a batch": [
    "concurrency: calls of every kind may overlap",
    () =>
      new (class extends MemoryStore {
        #reading = 0
        override async *scan(options: ScanOptions) {
          const scan = super.scan(options)
          for (;;) {
            this.#reading++
            const { value, done } = await scan.next().finally(() => this.#reading--)
            if (done) return
            yield value
          }
        }
        override async write(ops: readonly WriteOp[]) {
          if (this.#reading > 0) throw new Flaw("A query is running.")
          await super.write(ops)
        }
      })(),
  ],
  "has one cursor for all scans": [
    "scans: may overlap",
    () =>
      new (class extends MemoryStore {
        #cursor: AsyncGenerator<readonly Entry[]> | undefined
        override async *scan(options: ScanOptions) {
          this.#cursor = super.scan(options)
          for (;;) {
            const { value, done } = await this.#cursor.next()
            if (done) return
            yield value
          }
        }
      })(),
  ],
})

/** Scans something else than it is asked for. */
class Scanning extends MemoryStore {
  readonly #change: (options: ScanOptions) => ScanOptions

  constructor(change: (options: ScanOptions) => ScanOptions) {
    super()
    this.#change = change
  }

  override async *scan(options: ScanOptions) {
    yield* super.scan(this.#change(options))
  }
}
