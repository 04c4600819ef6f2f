import { setTimeout } from "node:timers/promises"
import { openIndex } from "@tierdex/core"
import { killCommands } from "../kills/writer.ts"
import { ALL, bytes, numbered } from "../support/entries.ts"
import { outcomeOf } from "../support/outcome.ts"
import { type Command, print } from "./command.ts"
import { batchOf, fillerOf, fillingOps, recordOps } from "./workloads.ts"

/** What a child process can be told to do. */
export const commands: Record<string, Command> = {
  ...killCommands,

  /** Opens it and holds it until it is killed. */
  hold: async (store) => {
    await store.open()
    print("open")
    setInterval(() => undefined, 1_000)
  },

  /** Opens and closes it, or says how that was refused. */
  open: async (store) => {
    print(await outcomeOf(store.open()))
    await store.close()
  },

  /** Opens it with no more rights than files give to anybody, or says how that was refused. */
  openAsAnybody: async (store, _argument, copy) => {
    if (process.getuid?.() === 0) {
      // The engine is loaded as long as its files may be read.
      await copy.open()
      await copy.close()
      process.setgroups?.([])
      process.setgid?.(NOBODY)
      process.setuid?.(NOBODY)
    }
    print(await outcomeOf(store.open()))
    await store.close()
  },

  /** Writes numbered batches until it is killed, and prints the number of each once it resolves. */
  write: async (store) => {
    await store.open()
    for (let n = 1; ; n++) {
      await store.write(batchOf(n), { durable: false })
      print(String(n))
    }
  },

  /** Begins to delete all numbered keys, and dies after so many milliseconds. */
  deleteRange: async (store, delayMs) => {
    await store.open()
    print("open")
    const deletion = store.deleteRange({ gte: numbered(0), lt: bytes(2) })
    await setTimeout(delayMs)
    process.kill(process.pid, "SIGKILL")
    await deletion
  },

  /** Writes until no more fits, then says what still works. */
  fill: async (store) => {
    process.on("SIGXFSZ", () => undefined)
    await store.open()
    const write = (n: number) => outcomeOf(store.write(fillerOf(n), { durable: true }))
    let n = 1
    while (n < MOST_WRITES && (await write(n)) === "done") n++
    print(String(n))
    print(await write(n + 1))
    // Both settle, however they end.
    print((await Promise.all([write(n + 2), write(n + 3)])).join(" "))
    const [last] = fillerOf(n - 1)
    print(String((await store.get(last.key))?.length))
    for await (const batch of store.scan({ ...ALL, limit: 1 })) print(String(batch.length))
    print(await outcomeOf(store.close()))
  },

  /** Writes numbered batches of records through an index, until it is killed. */
  indexWrite: async (store) => {
    const index = await openIndex({ store, durability: "os", memory: "8 MiB" })
    for (let n = Number(index.mark ?? 0) + 1; ; n++) {
      await index.batch(recordOps(n), { mark: String(n) })
      print(String(n))
    }
  },

  /** Writes through an index until no more fits, then says what still works. */
  indexFill: async (store) => {
    process.on("SIGXFSZ", () => undefined)
    const index = await openIndex({ store, memory: "8 MiB" })
    const write = (n: number) => outcomeOf(index.batch(fillingOps(n), { mark: String(n) }))
    let n = 1
    let ended = await write(n)
    for (; n < MOST_WRITES && ended === "done"; ended = await write(n)) n++
    print(String(n))
    print(ended)
    print(await write(n))
    print(String(await index.count({ side: "b" })))
    print(await outcomeOf(index.close()))
  },
}

/** Of no user and no group that owns anything. */
const NOBODY = 65_534

/** Several times of what the limit of a file's size lets through. */
const MOST_WRITES = 2_000
