import type { Snapshot } from "../api/reader.ts"
import { TierdexError } from "../errors.ts"
import type { FieldTable } from "../fields/field-table.ts"
import type { Store } from "../store/store.ts"
import type { QueryRoom } from "./query-room.ts"
import { Reader, type ViewSource } from "./reader.ts"
import { closedError, View } from "./view.ts"

/** One view of an index, kept until it is closed or expires. */
class SnapshotSource implements ViewSource {
  readonly fields: FieldTable
  readonly indexId: string
  readonly store: Store | undefined
  readonly queries: QueryRoom
  readonly #view: View
  readonly #parent: ViewSource
  readonly #timer: NodeJS.Timeout
  #readers = 0
  #state: "open" | "closed" | "expired" = "open"

  constructor(parent: ViewSource, ttlMs: number) {
    this.fields = parent.fields
    this.indexId = parent.indexId
    this.store = parent.store
    this.queries = parent.queries
    this.#parent = parent
    this.#view = parent.acquire()
    this.#timer = setTimeout(() => this.end("expired"), ttlMs)
    // A forgotten snapshot must not keep the process alive.
    this.#timer.unref()
  }

  get size(): number {
    this.check()
    return this.#view.size
  }

  check(): void {
    this.#parent.check()
    if (this.#state === "closed") throw closedError("The snapshot")
    if (this.#state === "expired") {
      throw new TierdexError(
        "TIERDEX_SNAPSHOT_EXPIRED",
        "The snapshot has expired. Take a new one, with a longer ttlMs if need be.",
      )
    }
  }

  acquire(): View {
    this.check()
    this.#readers++
    const { parts, moment } = this.#view
    return new View(parts, moment, () => {
      this.#readers--
      this.#releaseIfUnused()
    })
  }

  end(state: "closed" | "expired"): void {
    if (this.#state !== "open") return
    clearTimeout(this.#timer)
    this.#state = state
    this.#releaseIfUnused()
  }

  /** Calls that are still running keep their pages. */
  #releaseIfUnused(): void {
    if (this.#state !== "open" && this.#readers === 0) this.#view.release()
  }
}

export class IndexSnapshot<T extends object> extends Reader<T> implements Snapshot<T> {
  readonly #source: SnapshotSource

  private constructor(source: SnapshotSource) {
    super(source)
    this.#source = source
  }

  static of<T extends object>(parent: ViewSource, ttlMs: number): IndexSnapshot<T> {
    return new IndexSnapshot<T>(new SnapshotSource(parent, ttlMs))
  }

  async close(): Promise<void> {
    this.#source.end("closed")
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
