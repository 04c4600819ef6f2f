import { execFile } from "node:child_process"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterEach, beforeEach, expect, test } from "vitest"
import { shapes } from "../src/shapes.ts"

const run = promisify(execFile)
const floor = join(import.meta.dirname, "../src/floor.ts")
const figure = expect.any(Number)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tierdex-bench-test-"))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test.each(["lmdb", "level", "sqlite", "memory", "none"])("the floor on store %s", async (store) => {
  const json = join(folder, "floor.json")
  const options = ["--records", "2K", "--draws", "50", "--store", store, "--json", json]
  const { stdout } = await run(process.execPath, [floor, ...options])
  const result = JSON.parse(await readFile(json, "utf8"))

  expect(result.job).toMatchObject({ records: 2_000, store, durability: "os", memory: "256 MiB" })
  expect(result.ingest).toMatchObject({
    records: 2_000,
    elapsedMs: figure,
    flushMs: figure,
    cpuMs: figure,
    settleMs: figure,
    recordsPerSecond: figure,
    worstDelayMs: figure,
    peakMemory: { anonymous: figure },
    stats: { records: 2_000 },
  })
  const reopened = { openMs: figure, firstAnswerMs: figure }
  const isKept = store !== "memory" && store !== "none"
  expect(result.query.reopen).toEqual(isKept ? reopened : null)
  expect(result.query.stats.records).toBe(2_000)
  expect(result.query.shapes.map((asked: { shape: string }) => asked.shape)).toEqual(
    shapes.map(({ name }) => name),
  )
  for (const asked of result.query.shapes) {
    expect(asked).toMatchObject({ draws: 50, p50Ms: figure, p99Ms: figure, pagesRead: figure })
    if (asked.shape === "missing") expect(asked.found).toBe(0)
    else expect(asked.found).toBeGreaterThan(0)
  }
  const floors = isKept ? 9 : 8
  expect(result.floors).toHaveLength(floors)
  expect(stdout.match(/pass|MISS/g)).toHaveLength(floors)
})
