// Opens an index at the path it is given and writes numbered batches of three records, each with
// its number as mark, in durability "os", until it is killed. Prints the number of each batch once
// it is acknowledged. A small budget makes it flush and merge meanwhile.
import { openIndex } from "@tierdex/core"
import { lmdbStore } from "../../src/index.ts"

const index = await openIndex({
  store: lmdbStore({ path: process.argv[2] }),
  durability: "os",
  memory: "8 MiB",
})
const text = "x".repeat(4_000)
for (let n = Number(index.mark ?? 0) + 1; ; n++) {
  await index.batch(
    [
      { type: "put", id: "last", record: { n, text: `${text}${n}` } },
      { type: "put", id: `a${n}`, record: { n, side: "a", text: `${n}${text}` } },
      { type: "put", id: `b${n}`, record: { n, side: "b" } },
      { type: "delete", id: `a${n - 10}` },
    ],
    { mark: String(n) },
  )
  process.stdout.write(`${n}\n`)
}
