import { readFile, writeFile } from "node:fs/promises"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Entry, KeyRange, Store, WriteOp } from "../../src/store/store.ts"
import { WrappedStore } from "../support/wrapped-store.ts"

/** Every key: none is longer than 64 bytes. */
const EVERYTHING: KeyRange = { gte: new Uint8Array(1), lt: new Uint8Array(65).fill(0xff) }

/** A store of memory that is in a file between two processes, or threads. */
class FileStore extends WrappedStore {
  readonly #path: string
  #last: Promise<void> = Promise.resolve()

  constructor(path: string) {
    super(new MemoryStore())
    this.#path = path
  }

  override async open(): Promise<void> {
    await this.inner.open()
    const text = await readFile(this.#path, "utf8").catch(() => "[]")
    const entries: readonly (readonly [string, string])[] = JSON.parse(text)
    const ops = entries.map(
      ([key, value]): WriteOp => ({
        type: "put",
        key: Uint8Array.from(Buffer.from(key, "hex")),
        value: Uint8Array.from(Buffer.from(value, "hex")),
      }),
    )
    await this.inner.write(ops, { durable: true })
  }

  override async write(
    ops: readonly WriteOp[],
    options: { readonly durable: boolean },
  ): Promise<void> {
    await this.inner.write(ops, options)
    this.#last = this.#last.then(() => this.#save())
    await this.#last
  }

  async #save(): Promise<void> {
    const entries: (readonly [string, string])[] = []
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")
    for await (const batch of this.inner.scan(EVERYTHING)) {
      entries.push(...batch.map(({ key, value }: Entry) => [hex(key), hex(value)] as const))
    }
    await writeFile(this.#path, JSON.stringify(entries))
  }
}

/** For workers, which make their stores themselves. */
export function fileStore({ path }: { readonly path: string }): Store {
  return new FileStore(path)
}

/** One that ends its thread when it is to write the word. */
class MortalFileStore extends FileStore {
  override async write(
    ops: readonly WriteOp[],
    options: { readonly durable: boolean },
  ): Promise<void> {
    const isLast = ops.some((op) => op.type === "put" && Buffer.from(op.value).includes(LAST_WORD))
    if (isLast) process.exit(3)
    await super.write(ops, options)
  }
}

export const LAST_WORD = "last word"

export function mortalStore({ path }: { readonly path: string }): Store {
  return new MortalFileStore(path)
}

export const notAFactory = 5

export function notAStore(): unknown {
  return {}
}
