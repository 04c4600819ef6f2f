import { execFile } from "node:child_process"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, onTestFinished, test } from "vitest"

const run = promisify(execFile)

test("the stores beside one another", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tierdex-bench-test-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const json = join(folder, "stores.json")
  const stores = ["level", "lmdb", "sqlite"]
  const { stdout } = await run(process.execPath, [
    join(import.meta.dirname, "../src/stores.ts"),
    ...["--pages", "128", "--trials", "1", "--json", json],
    ...stores.flatMap((name) => ["--store", name]),
  ])
  const { medians } = JSON.parse(await readFile(json, "utf8"))
  expect(Object.keys(medians)).toEqual(stores)
  for (const store of stores) {
    for (const [name, value] of Object.entries<number>(medians[store])) {
      expect(stdout).toContain(name)
      if (name !== "memoryMegabytes") expect(value).toBeGreaterThanOrEqual(0)
    }
  }
})
