import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable } from "node:stream"
import { setTimeout } from "node:timers/promises"
import { expect, onTestFinished, test } from "vitest"
import { Child, wholeLines } from "../../src/process/child.ts"

function childThat(command: string): Child {
  const folder = mkdtempSync(join(tmpdir(), "tierdex-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const module = new URL("../../src/mutants/journal.ts", import.meta.url).href
  const options = { path: join(folder, "store") }
  return new Child({
    source: { module, exportName: "journalStore", options },
    command,
    argument: 0,
  })
}

test("a line that was cut off is none", async () => {
  const lines = wholeLines(Readable.from(["1\n2", "3\n", "\n45"]))
  const seen: (string | undefined)[] = []
  for (let next = await lines.next(); !next.done; next = await lines.next()) seen.push(next.value)
  expect(seen).toEqual(["1", "23", ""])
})

// It waited for ever for lines to be read that nobody asked for.
test("a process can be killed while it says more than is read", async () => {
  const child = childThat("write")
  await child.line()
  await setTimeout(100)
  await child.kill()
  expect(await child.ended).toBe("SIGKILL")
})

test("a process that ended before it was killed is a finding, with what it said", async () => {
  const child = childThat("no such command")
  await child.ended
  await expect(child.killAfter(0)).rejects.toMatchObject({
    name: "AssertionError",
    message: expect.stringContaining("TypeError"),
  })
})
