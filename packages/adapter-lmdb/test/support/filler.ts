// Writes until the file may grow no further, then says what still works.
import { lmdbStore } from "../../src/index.ts"
import { numbered, put } from "./entries.ts"

process.on("SIGXFSZ", () => undefined)
const store = lmdbStore({ path: process.argv[2] })
await store.open()
const write = (n: number) =>
  store.write([put(numbered(n), new Uint8Array(65_536).fill(n))], { durable: true }).then(
    () => "written",
    (error) => `${error.code} ${error.cause instanceof Error ? "with cause" : ""}`,
  )

let n = 0
let answer = await write(n)
while (answer === "written") answer = await write(++n)
process.stdout.write(`first ${answer}\n`)
process.stdout.write(`overlapping ${await Promise.all([write(n + 1), write(n + 2)])}\n`)
const read = await store.getMany([numbered(n - 1), numbered(n)])
process.stdout.write(`read ${read.map((value) => value?.length)}\n`)
await store.close()
process.stdout.write(`closed after ${n}\n`)
