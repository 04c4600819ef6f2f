import { extname } from "node:path"
import { Worker } from "node:worker_threads"
import { throwIfAborted } from "../errors.ts"
import type { SegmentMeta } from "../segment/segment.ts"
import type { WriteOp } from "../store/store.ts"
import type { BuildJob, PageStore } from "./job.ts"
import { errorOf, type FromThread, type ToThread } from "./messages.ts"
import { buffersOf, type PackedBytes, packBytes, unpackBytes } from "./packed-bytes.ts"

/** A thread without work for so long ends, which gives its memory back. */
const IDLE_MS = 5_000
/** Making a segment leaves much garbage that dies at once: V8 would set 100 MB aside for it. */
const YOUNG_MB = 12

export interface BuildOptions {
  readonly signal?: AbortSignal | undefined
  /** Called as each field is done, once for each, though work that begins anew does it again. */
  readonly onField?: () => void
  /** Called as the work begins, on a thread or not; again when it begins anew elsewhere. */
  readonly onStart?: (onThread: boolean) => void
}

/** The thread ended, or never began: its work is to be done elsewhere. */
export class ThreadLost extends Error {
  /** Whether it ran at all. */
  readonly hasRun: boolean

  constructor(hasRun: boolean, cause: unknown) {
    super("The thread that makes segments has ended.", { cause })
    this.hasRun = hasRun
  }
}

interface Run {
  readonly store: PageStore
  readonly options: BuildOptions
  readonly promise: PromiseWithResolvers<SegmentMeta>
  /** What a store call, or a callback, failed with. */
  failure: { readonly error: unknown } | undefined
}

/** A worker thread that makes segments; the store stays on this side. */
export class BuildThread {
  readonly #worker: Worker
  readonly #runs = new Map<number, Run>()
  #lastRun = 0
  #hasRun = false
  #idle: NodeJS.Timeout | undefined
  readonly #onEnd: () => void

  /** @param onEnd called once it takes no more work */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd
    // As this module is found, in sources or built.
    this.#worker = new Worker(
      new URL(`./thread-main${extname(import.meta.url)}`, import.meta.url),
      {
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
        // Those of the process may be meant for its own first module.
        execArgv: [],
      },
    )
    this.#worker.unref()
    this.#worker.on("message", (message: FromThread) => void this.#take(message))
    this.#worker.on("error", (error) => this.#lose(error))
    this.#worker.on("exit", (code) => this.#lose(new Error(`It exited with code ${code}.`)))
  }

  /** How many segments it is making. */
  get load(): number {
    return this.#runs.size
  }

  /** Makes a segment. @throws ThreadLost, and what `buildSegment` throws */
  async run(job: BuildJob, store: PageStore, options: BuildOptions): Promise<SegmentMeta> {
    const { signal } = options
    throwIfAborted(signal)
    const run = ++this.#lastRun
    const promise = Promise.withResolvers<SegmentMeta>()
    this.#runs.set(run, { store, options, promise, failure: undefined })
    clearTimeout(this.#idle)
    // What somebody waits for keeps the process; a thread at rest does not.
    this.#worker.ref()
    const abort = () => this.#post({ type: "abort", run })
    signal?.addEventListener("abort", abort)
    try {
      this.#post({ type: "start", run, job, capabilities: store.capabilities })
      return await promise.promise
    } finally {
      signal?.removeEventListener("abort", abort)
      this.#runs.delete(run)
      if (this.#runs.size === 0) this.#rest()
    }
  }

  #rest(): void {
    this.#worker.unref()
    this.#idle = setTimeout(() => {
      this.#onEnd()
      void this.#worker.terminate()
    }, IDLE_MS)
    this.#idle.unref()
  }

  #post(message: ToThread, buffers: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, buffers)
  }

  #lose(cause: unknown): void {
    this.#onEnd()
    clearTimeout(this.#idle)
    for (const { promise } of this.#runs.values()) {
      promise.reject(new ThreadLost(this.#hasRun, cause))
    }
  }

  async #take(message: FromThread): Promise<void> {
    if (message.type === "ready") {
      this.#hasRun = true
      return
    }
    const run = this.#runs.get(message.run)
    if (run === undefined) return
    switch (message.type) {
      case "read": {
        const { call } = message
        const answer = await this.#call(run, call, async () => {
          const keys = unpackBytes(message.keys).filter((key) => key !== undefined)
          return packBytes(await run.store.getMany(keys))
        })
        if (answer === undefined) return
        this.#post({ type: "values", call, values: answer }, buffersOf(answer))
        return
      }
      case "write": {
        const { call } = message
        const ops = opsOf(message.keys, message.values)
        const written = await this.#call(run, call, async () => {
          await run.store.write(ops, { durable: false })
          return message.values
        })
        if (written === undefined) return
        this.#post({ type: "written", call, values: written }, buffersOf(written))
        return
      }
      case "field":
        try {
          run.options.onField?.()
        } catch (error) {
          run.failure ??= { error }
          this.#post({ type: "abort", run: message.run })
        }
        return
      case "done":
        run.promise.resolve(message.meta)
        return
      case "failed":
        run.promise.reject(this.#errorOf(run, message))
    }
  }

  /** Calls the store; a failure goes to the caller of the run, by way of the thread. */
  async #call<R>(run: Run, call: number, make: () => Promise<R>): Promise<R | undefined> {
    try {
      return await make()
    } catch (error) {
      run.failure ??= { error }
      this.#post({ type: "refused", call })
      return undefined
    }
  }

  #errorOf(run: Run, { error }: Extract<FromThread, { type: "failed" }>): unknown {
    if (run.failure !== undefined) return run.failure.error
    try {
      throwIfAborted(run.options.signal)
    } catch (aborted) {
      return aborted
    }
    return errorOf(error)
  }
}

function opsOf(keys: PackedBytes, values: PackedBytes): WriteOp[] {
  const all = unpackBytes(values)
  return unpackBytes(keys).flatMap((key, i): WriteOp[] => {
    const value = all[i]
    return key === undefined || value === undefined ? [] : [{ type: "put", key, value }]
  })
}
