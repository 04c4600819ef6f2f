import type { Steps } from "../cache/steps.ts"
import type { Store, WriteOp } from "../store/store.ts"
import { type FileAddress, pageKey } from "./keys.ts"
import type { PageWriter } from "./page.ts"

/** Takes finished pages and writes them to a store in batches, not durably. */
export class PageSink {
  readonly #store: Pick<Store, "write">
  readonly #writeBytes: number
  #ops: WriteOp[] = []
  #pendingBytes = 0
  #written: Promise<void> = Promise.resolve()
  /** Bytes of all pages so far. */
  bytes = 0

  /** @param writeBytes about as much is handed to the store at a time */
  constructor(store: Pick<Store, "write">, writeBytes: number) {
    this.#store = store
    this.#writeBytes = writeBytes
  }

  put(file: FileAddress, page: number, writer: PageWriter): void {
    const key = pageKey(file, page)
    const value = writer.seal(key)
    this.#ops.push({ type: "put", key, value })
    this.#pendingBytes += value.length
    this.bytes += value.length
  }

  get isFull(): boolean {
    return this.#pendingBytes >= this.#writeBytes
  }

  /** Starts writing what is pending, once the write before it is done. */
  *drain(): Steps<void> {
    yield this.#written
    const ops = this.#ops
    this.#ops = []
    this.#pendingBytes = 0
    if (ops.length === 0) return
    this.#written = this.#store.write(ops, { durable: false })
    // A failure surfaces at the next drain; until then nobody else waits for this promise.
    this.#written.catch(() => {})
  }

  /** Returns when all is written. */
  *finish(): Steps<void> {
    yield* this.drain()
    yield this.#written
  }
}
