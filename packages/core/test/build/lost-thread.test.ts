import { randomBytes } from "node:crypto"
import { afterEach, expect, test, vi } from "vitest"
import type { Progress } from "../../src/api/read-options.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
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

// The fields that the thread had done were counted again as they were done again.
test("what a thread did before it ended counts once in the progress of a compaction", async () => {
  scripts.code = `
    import { parentPort } from "node:worker_threads"
    parentPort.on("message", ({ type, run }) => {
      if (type !== "start") return
      for (let field = 0; field < 3; field++) parentPort.postMessage({ type: "field", run })
      setImmediate(() => process.exit(1))
    })
    parentPort.postMessage({ type: "ready" })
  `
  const { openIndex } = await import("../../src/open.ts")
  const index = await openIndex({ store: new MemoryStore() })
  for (let segment = 0; segment < 2; segment++) {
    const ids = Array.from({ length: 3_000 }, (_, n) => `${segment}-${n}`)
    const text = () => randomBytes(150).toString("hex")
    await index.putMany(ids.map((id, a) => [id, { a, b: a % 7, text: text() }]))
    await index.flush()
  }
  const before = index.stats().segments.reduce((sum, { bytes }) => sum + bytes, 0)
  const seen: Progress[] = []
  await index.compact({ onProgress: (progress) => seen.push(progress) })
  // Three fields and the ids, and the end.
  expect(seen.map(({ done }) => done)).toEqual(
    [1, 2, 3, 4, 4].map((parts) => Math.round((before * parts) / 4)),
  )
  expect(seen.map(({ total }) => total)).toEqual([...Array(4).fill(undefined), before])
  await index.close()
})
