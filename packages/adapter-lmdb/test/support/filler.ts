// Writes until the file may grow no further, then says how that and later writes ended.
import { lmdbStore } from "../../src/index.ts"

process.on("SIGXFSZ", () => undefined)
const store = lmdbStore({ path: process.argv[2] })
await store.open()
const write = (n: number, bytes: number) =>
  store
    .write([{ type: "put", key: Uint8Array.of(n), value: new Uint8Array(bytes) }], {
      durable: true,
    })
    .then(
      () => "written",
      (error) => `${error.code} ${error.cause}`,
    )

let n = 0
let answer = await write(n, 65_536)
while (answer === "written") answer = await write(++n, 65_536)
process.stdout.write(`${answer}\n${await Promise.all([write(n + 1, 1), write(n + 2, 1)])}\n`)
await store.close()
process.stdout.write("closed\n")
