import { parentPort, workerData } from "node:worker_threads"
import type { Progress } from "../api/read-options.ts"
import { imageOf } from "../build/messages.ts"
import { openEngine } from "../engine/open-engine.ts"
import { checkStore, divide, type EngineOptions } from "../engine/options.ts"
import { TierdexError } from "../errors.ts"
import type { Store } from "../store/store.ts"
import type { CallName } from "./calls.ts"
import { ShardServer } from "./server.ts"
import type { FromWorker, ShardFigures, ToWorker, WorkerData } from "./worker-messages.ts"

/** What the worker of a shard does: opens it, and answers requests. */

/** The figures that are not free are told so often at most. */
const STATS_MS = 50
/** After these their caller expects figures of now. */
const FRESH: ReadonlySet<CallName> = new Set(["clear", "flush", "compact"])

const port = parentPort
if (port === null) throw new Error("This module runs in a worker thread.")

const data: WorkerData = workerData
const asks = new Map<number, AbortController>()
let lastStats = 0

const post = (message: FromWorker): void => port.postMessage(message)

async function makeStore({ store }: WorkerData): Promise<Store | undefined> {
  if (store === undefined) return undefined
  const module = await load(store.module)
  const factory: unknown =
    typeof module === "object" && module !== null ? Reflect.get(module, store.factory) : undefined
  if (typeof factory !== "function") {
    throw new TierdexError(
      "TIERDEX_INVALID_OPTION",
      `The module ${store.module} exports no function ${store.factory} that makes a store.`,
    )
  }
  const made: unknown = await factory(store.options)
  checkStore(made)
  return made
}

async function load(module: string): Promise<unknown> {
  try {
    return await import(module)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TierdexError(
      "TIERDEX_INVALID_OPTION",
      `The module ${module} of its worker cannot be loaded: ${reason}`,
      { cause },
    )
  }
}

async function openServer(): Promise<ShardServer> {
  const { memory, durability, rules } = data
  const budget = memory === undefined ? undefined : divide(memory)
  const options: EngineOptions = { store: await makeStore(data), budget, durability, rules }
  return new ShardServer(await openEngine(options))
}

/** @param isNew whether the figures are to be as of now in any case */
function figuresOf(server: ShardServer, isNew: boolean): ShardFigures | undefined {
  if (server.isClosed) return undefined
  const { size } = server
  const failure = server.writeFailure
  const writeFailure = failure === undefined ? undefined : imageOf(failure)
  const now = performance.now()
  if (!isNew && now - lastStats < STATS_MS) return { size, writeFailure, stats: undefined }
  lastStats = now
  return { size, writeFailure, stats: server.stats }
}

async function answer(
  server: ShardServer,
  { ask, epoch, reports, request }: Extract<ToWorker, { type: "request" }>,
): Promise<void> {
  const controller = new AbortController()
  asks.set(ask, controller)
  const { signal } = controller
  const onProgress = reports
    ? { onProgress: (progress: Progress) => post({ type: "progress", ask, progress }) }
    : {}
  const isNew = FRESH.has(request.call)
  try {
    const value = await server.handle(request, { epoch, signal, ...onProgress })
    post({ type: "answer", ask, answer: value, figures: figuresOf(server, isNew) })
  } catch (error) {
    post({ type: "failed", ask, error: imageOf(error), figures: figuresOf(server, isNew) })
  } finally {
    asks.delete(ask)
    // Nothing is left to do, and the port would keep the thread.
    if (server.isClosed && asks.size === 0) parentPort?.close()
  }
}

// Requests may come before the shard is open; the port keeps them.
try {
  const server = await openServer()
  post({ type: "ready", figures: figuresOf(server, true) })
  port.on("message", (message: ToWorker) => {
    if (message.type === "abort") asks.get(message.ask)?.abort()
    else void answer(server, message)
  })
} catch (error) {
  post({ type: "refused", error: imageOf(error) })
}
