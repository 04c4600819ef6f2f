import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const SOURCES = fileURLToPath(new URL("../src/", import.meta.url))

/** The folders that the modules of a folder import from. */
async function importsOf(folder: string): Promise<string[]> {
  const names = await readdir(join(SOURCES, folder))
  const texts = await Promise.all(
    names.map((name) => readFile(join(SOURCES, folder, name), "utf8")),
  )
  return texts.flatMap((text) =>
    Array.from(text.matchAll(/from "\.\.\/([a-z]+)\//g), ([, to]) => to),
  )
}

// A field that no record of a part has was made with a page of segments once.
test.each([
  ["values", "segment"],
  ["docset", "segment"],
  ["btree", "segment"],
  ["parts", "segment"],
  ["memtable", "segment"],
  ["segment", "query"],
  ["query", "store"],
])("%s knows nothing of %s", async (folder, other) => {
  expect(await importsOf(folder)).not.toContain(other)
})
