import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import { afterEach, beforeEach, expect, test } from "vitest"
import { ENGINES } from "../src/engines.ts"
import type { Results } from "../src/results.ts"
import { shapes } from "../src/shapes.ts"

const run = promisify(execFile)
const main = join(import.meta.dirname, "../src/main.ts")
const wrongEngine = join(import.meta.dirname, "wrong-engine.ts")
const figure = expect.any(Number)
const few = ["--records", "4K", "--draws", "5"]

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tierdex-bench-test-"))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test("all engines that are there answer every shape alike", async () => {
  const { stdout } = await run(process.execPath, [
    main,
    ...few,
    "--engines",
    "all",
    "--out",
    folder,
  ])
  const results: Results = JSON.parse(await readFile(join(folder, "4K.json"), "utf8"))

  const isThere = (name: string) => name !== "postgres" || process.env.PGHOST !== undefined
  const names = Object.keys(ENGINES).filter(isThere)
  expect(results.faults).toEqual([])
  expect(results.engines.map(({ engine }) => engine)).toEqual(names)
  for (const { engine, ingest, query, idsQuery } of results.engines) {
    expect(ingest).toMatchObject({ recordsPerSecond: figure, worstDelayMs: figure })
    expect(query.reopen === null).toBe(ENGINES[engine].inMemory ?? false)
    expect(query.shapes.map(({ shape }) => shape)).toEqual(shapes.map(({ name }) => name))
    for (const { shape, draws, found } of query.shapes) {
      expect(draws).toBe(5)
      if (shape === "missing") expect(found).toBe(0)
      else expect(found).toBeGreaterThan(0)
    }
    expect(idsQuery?.shapes.length ?? 0).toBe(engine === "tierdex-lmdb" ? 3 : 0)
    expect(stdout).toContain(engine)
  }
}, 60_000)

test("a wrong answer fails the run and is named", async () => {
  const options = [...few, "--engines", `sqlite,${wrongEngine}`, "--shapes", "eqCount,top20"]
  const failed = await run(process.execPath, [main, ...options]).catch((error) => error)
  expect(failed.code).toBe(1)
  expect(failed.stdout).toMatch(/FAILED\n.*wrong-engine.*top20, question 0: the answers differ/)
  expect(failed.stdout).not.toContain("eqCount, question")
})

test("an engine that fails is named, and the others are measured", async () => {
  const options = [...few, "--engines", `./no-such-engine.ts,sqlite`, "--shapes", "eqCount"]
  const failed = await run(process.execPath, [main, ...options]).catch((error) => error)
  expect(failed.code).toBe(1)
  expect(failed.stdout).toMatch(/FAILED\n.*no-such-engine.*its process ended with 1/)
  expect(failed.stdout).toMatch(/eqCount.*\d \/ \d/)
})

test("interrupted, it leaves neither processes nor files", async () => {
  const child = spawn(process.execPath, [main, "--records", "1M", "--engines", "sqlite"], {
    env: { ...process.env, TMPDIR: folder, TMP: folder, TEMP: folder },
  })
  const ended = once(child, "exit")
  while ((await childrenOf(child.pid)).length === 0) await sleep(20)
  const children = await childrenOf(child.pid)
  await sleep(500)
  expect(await readdir(folder)).toHaveLength(1)
  child.kill("SIGINT")
  expect(await ended).toEqual([130, null])
  expect(await readdir(folder)).toEqual([])
  for (const pid of children) expect(() => process.kill(pid, 0)).toThrow("ESRCH")
})

async function childrenOf(pid = 0): Promise<number[]> {
  const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid="])
  const processes = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
  return processes.filter(([, parent]) => parent === pid).map(([child]) => child)
}
