// Writes numbered batches, three keys and a page of 16 KiB each, until it is killed, and prints
// the number of each batch once it is written.
import { lmdbStore } from "../../src/index.ts"
import { bytes, numbered, put } from "./entries.ts"

const store = lmdbStore({ path: process.argv[2] })
await store.open()
for (let n = 1; ; n++) {
  const value = numbered(n)
  await store.write(
    [
      put(bytes(2, 1), value),
      put(bytes(2, 2), value),
      put(numbered(n), new Uint8Array(16_360).fill(n)),
      put(bytes(2, 3), value),
    ],
    { durable: false },
  )
  process.stdout.write(`${n}\n`)
}
