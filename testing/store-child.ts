// A process with a store: store-child.ts <module> <factory> hold|fill <path>.
import type { Store } from "../packages/core/src/index.ts"

const [module, factory, role, path] = process.argv.slice(2)
const store: Store = (await import(module))[factory]({ path })
const key = (n: number) => new Uint8Array([1, n >>> 16, n >>> 8, n])

/** Writes an entry, says so, and holds the store until it is killed. */
async function hold(): Promise<void> {
  const [key, value] = [new Uint8Array([1]), new Uint8Array([2])]
  await store.write([{ type: "put", key, value }], { durable: false })
  process.stdout.write("open\n")
  setInterval(() => undefined, 1_000)
}

/** Writes until files may grow no further, then says what still works. */
async function fill(): Promise<void> {
  process.on("SIGXFSZ", () => undefined)
  const write = async (n: number): Promise<string | undefined> => {
    const value = new Uint8Array(65_536).fill(n)
    try {
      await store.write([{ type: "put", key: key(n), value }], { durable: n % 8 === 0 })
      return undefined
    } catch (error) {
      const { code, cause } = error as { code: string; cause: unknown }
      return `${code}${cause instanceof Error ? " with cause" : ""}`
    }
  }
  let written = 0
  let failed = await write(0)
  while (failed === undefined) failed = await write(++written)
  const overlapping = await Promise.all([write(written + 1), write(written + 2)])
  const values = await store.getMany([key(0), key(written - 1)])
  await store.close()
  const read = values.map((value) => value?.length)
  process.stdout.write(JSON.stringify({ written, failed, overlapping, read }))
}

await store.open()
await (role === "hold" ? hold() : fill())
