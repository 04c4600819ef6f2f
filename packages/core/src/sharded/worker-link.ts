import { extname } from "node:path"
import { Worker } from "node:worker_threads"
import type { IndexStats } from "../api/stats.ts"
import { errorOf } from "../build/messages.ts"
import { closedError } from "../engine/view.ts"
import { TierdexError, throwIfAborted } from "../errors.ts"
import type { Answer, Request, SendOptions, ShardLink } from "./calls.ts"
import type { FromWorker, ShardFigures, ToWorker, WorkerData } from "./worker-messages.ts"

/** How long a worker may take to close its shard, and then to end by itself. */
const CLOSE_MS = 30_000
const EXIT_MS = 2_000

interface Waiting {
  readonly promise: PromiseWithResolvers<Answer>
  readonly options: SendOptions
}

/** A shard in a worker thread. When the thread ends, whatever is asked of it fails. */
export class WorkerLink implements ShardLink {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly #ready = Promise.withResolvers<void>()
  readonly #exited = Promise.withResolvers<void>()
  #last = 0
  #size = 0
  #stats: IndexStats | undefined
  #failure: TierdexError | undefined
  #writeFailure: Error | undefined
  #closing: Promise<void> | undefined

  private constructor(data: WorkerData) {
    // As this module is found, in sources or built.
    const main = new URL(`./worker-main${extname(import.meta.url)}`, import.meta.url)
    this.#worker = new Worker(main, { workerData: data, execArgv: [] })
    this.#worker.on("message", (message: FromWorker) => this.#take(message))
    this.#worker.on("messageerror", (error) => this.#lose(error))
    this.#worker.on("error", (error) => this.#lose(error))
    this.#worker.on("exit", (code) => {
      this.#lose(new Error(`The worker exited with code ${code}.`))
      this.#exited.resolve()
    })
  }

  static async open(data: WorkerData): Promise<WorkerLink> {
    const link = new WorkerLink(data)
    try {
      await link.#ready.promise
    } catch (error) {
      await link.#worker.terminate()
      throw error
    }
    link.#rest()
    return link
  }

  get size(): number {
    return this.#size
  }

  get stats(): IndexStats {
    if (this.#stats === undefined) throw new TypeError("The shard has not told its figures yet.")
    return this.#stats
  }

  get writeFailure(): unknown {
    return this.#failure ?? this.#writeFailure
  }

  async send(request: Request, options: SendOptions): Promise<Answer> {
    if (this.#failure !== undefined) throw this.#failure
    const { signal, epoch, onProgress } = options
    throwIfAborted(signal)
    const ask = ++this.#last
    const promise = Promise.withResolvers<Answer>()
    this.#waiting.set(ask, { promise, options })
    // What somebody waits for keeps the process; a worker at rest does not.
    this.#worker.ref()
    const abort = () => {
      this.#post({ type: "abort", ask })
      try {
        throwIfAborted(signal)
      } catch (error) {
        // A thread that is busy hears of it late.
        promise.reject(error)
      }
    }
    signal?.addEventListener("abort", abort)
    try {
      const reports = onProgress !== undefined
      this.#post({ type: "request", ask, epoch, reports, request })
      return await promise.promise
    } finally {
      signal?.removeEventListener("abort", abort)
      this.#waiting.delete(ask)
      this.#rest()
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const late = setTimeout(() => void this.#worker.terminate(), CLOSE_MS)
    try {
      if (this.#failure === undefined) await this.send({ call: "close" }, { epoch: 0 })
      else await this.#worker.terminate()
    } finally {
      this.#failure ??= closedError("The shard")
      clearTimeout(late)
      const last = setTimeout(() => void this.#worker.terminate(), EXIT_MS)
      // Until it has ended there is something to wait for.
      this.#worker.ref()
      await this.#exited.promise
      clearTimeout(last)
    }
  }

  #rest(): void {
    if (this.#waiting.size === 0 && this.#closing === undefined) this.#worker.unref()
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message)
  }

  #lose(cause: unknown): void {
    this.#failure ??= new TierdexError(
      "TIERDEX_SHARD_FAILED",
      "Its worker has ended. Open the shard again with reopenShard.",
      { cause },
    )
    this.#ready.reject(this.#failure)
    for (const { promise } of this.#waiting.values()) promise.reject(this.#failure)
  }

  #take(message: FromWorker): void {
    switch (message.type) {
      case "ready":
        this.#note(message.figures)
        this.#ready.resolve()
        return
      case "refused":
        this.#ready.reject(errorOf(message.error))
        return
      case "progress":
        this.#report(message)
        return
      case "answer":
        this.#note(message.figures)
        this.#waiting.get(message.ask)?.promise.resolve(message.answer)
        return
      case "failed":
        this.#note(message.figures)
        this.#fail(message)
    }
  }

  #report({ ask, progress }: Extract<FromWorker, { type: "progress" }>): void {
    const waiting = this.#waiting.get(ask)
    try {
      waiting?.options.onProgress?.(progress)
    } catch (error) {
      // What the callback throws ends the call.
      waiting?.promise.reject(error)
      this.#post({ type: "abort", ask })
    }
  }

  #fail({ ask, error }: Extract<FromWorker, { type: "failed" }>): void {
    const waiting = this.#waiting.get(ask)
    try {
      // The reason of a signal does not cross threads.
      if (error.code === "TIERDEX_ABORTED") throwIfAborted(waiting?.options.signal)
      waiting?.promise.reject(errorOf(error))
    } catch (aborted) {
      waiting?.promise.reject(aborted)
    }
  }

  #note(figures: ShardFigures | undefined): void {
    this.#size = figures?.size ?? this.#size
    this.#stats = figures?.stats ?? this.#stats
    if (figures?.writeFailure !== undefined) this.#writeFailure = errorOf(figures.writeFailure)
  }
}
