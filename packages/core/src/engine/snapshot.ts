import type { Snapshot } from "../api/reader.ts"
import { TierdexError } from "../errors.ts"
import type { FieldTable } from "../fields/field-table.ts"
import type { Store } from "../store/store.ts"
import type { QueryRoom } from "./query-room.ts"
import type { FrozenQuestions } from "./questions.ts"
import { Reader } from "./reader.ts"
import { closedError, View } from "./view.ts"
import { ViewQuestions, type ViewSource } from "./view-questions.ts"

export function expiredError(): TierdexError {
  return new TierdexError(
    "TIERDEX_SNAPSHOT_EXPIRED",
    "The snapshot has expired. Take a new one, with a longer ttlMs if need be.",
  )
}

/** One view of an index, kept until it is ended or expires. */
export class SnapshotSource implements ViewSource {
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
    if (this.#state === "expired") throw expiredError()
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

/** Asks one view of an index. */
export class SnapshotQuestions extends ViewQuestions implements FrozenQuestions {
  readonly #source: SnapshotSource

  constructor(source: SnapshotSource) {
    super(source)
    this.#source = source
  }

  async close(): Promise<void> {
    this.#source.end("closed")
  }
}

export class IndexSnapshot<T extends object> extends Reader<T> implements Snapshot<T> {
  readonly #questions: FrozenQuestions

  constructor(questions: FrozenQuestions) {
    super(questions)
    this.#questions = questions
  }

  close(): Promise<void> {
    return this.#questions.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
