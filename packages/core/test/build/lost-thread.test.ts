import { afterEach, expect, test, vi } from "vitest"
import { contentsOf, flushJob, openStore } from "./jobs.ts"

// Threads that end: a module that a bundler left out, memory that ran out.
const scripts = { code: "" }

vi.mock("node:worker_threads", async (original) => {
  const { Worker, ...rest } = await original<typeof import("node:worker_threads")>()
  return {
    ...rest,
    Worker: class extends Worker {
      constructor() {
        super(new URL(`data:text/javascript,${encodeURIComponent(scripts.code)}`))
      }
    },
  }
})

afterEach(() => vi.resetModules())

async function flushThrough(code: string) {
  scripts.code = code
  const { build } = await import("../../src/build/builder.ts")
  const [store, alone] = [await openStore(), await openStore()]
  const meta = await build(flushJob(1), store, false)
  expect(meta).toEqual(await build(flushJob(1), alone, true))
  expect(await contentsOf(store)).toEqual(await contentsOf(alone))
}

test("what a thread that never began should have made is made here", async () => {
  await flushThrough('throw new Error("The module is not there.")')
})

test("what a thread that ended leaves is made here", async () => {
  await flushThrough(`
    import { parentPort } from "node:worker_threads"
    parentPort.on("message", () => process.exit(1))
    parentPort.postMessage({ type: "ready" })
  `)
})
