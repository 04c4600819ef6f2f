import { expect, test } from "vitest"
import type { MetadataIndex } from "../../src/api.ts"
import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type {
  Entry,
  KeyRange,
  ScanOptions,
  Store,
  StoreCapabilities,
  WriteOp,
} from "../../src/store/store.ts"
import { compareRecords, type Fields, Model } from "../oracle.ts"
import { WrappedStore } from "../support/wrapped-store.ts"
import { expectNoLeftovers } from "./space.ts"

const cause = Object.assign(new Error("EIO: i/o error"), { code: "EIO" })
const failed = { code: "TIERDEX_STORE_FAILED", cause }

/** One call of any kind fails, leaving nothing behind; all others succeed. */
class FlakyStore extends WrappedStore {
  calls = 0
  readonly #failAt: number
  readonly #isAsync: boolean

  constructor(inner: Store, failAt: number, isAsync: boolean) {
    super(inner)
    this.#failAt = failAt
    this.#isAsync = isAsync
  }

  override get capabilities(): StoreCapabilities {
    return { ...this.inner.capabilities, syncReads: !this.#isAsync }
  }

  #count(): void {
    this.calls++
    if (this.calls === this.#failAt) throw cause
  }

  override get(key: Uint8Array) {
    if (this.#isAsync) return this.#later(() => this.inner.get(key))
    this.#count()
    return this.inner.get(key)
  }

  override getMany(keys: readonly Uint8Array[]) {
    if (this.#isAsync) return this.#later(() => this.inner.getMany(keys))
    this.#count()
    return this.inner.getMany(keys)
  }

  async #later<R>(read: () => R | Promise<R>): Promise<R> {
    this.#count()
    return await read()
  }

  override async *scan(options: ScanOptions): AsyncGenerator<readonly Entry[]> {
    this.#count()
    yield* this.inner.scan(options)
  }

  override async write(ops: readonly WriteOp[], options: { readonly durable: boolean }) {
    this.#count()
    await this.inner.write(ops, options)
  }

  override async deleteRange(range: KeyRange) {
    this.#count()
    await this.inner.deleteRange(range)
  }

  override async sizeOnDisk() {
    this.#count()
    return await this.inner.sizeOnDisk()
  }
}

type Call = (index: MetadataIndex<Fields>, model: Model) => Promise<void>

const record = (i: number): Fields => ({ a: i % 7, tags: [i % 3, "x"], text: `text ${i}` })

/** Calls of all kinds; a write changes the model once the index has made it. */
function* calls(): Generator<Call> {
  for (let round = 0; round < 3; round++) {
    const entries = Array.from({ length: 6 }, (_, i) => {
      const n = round * 4 + i
      return [`id${n}`, record(n)] as const
    })
    yield async (index, model) => {
      await index.putMany(entries)
      model.putMany(entries)
    }
    yield async (index, model) => {
      const isThere = await index.update(`id${round * 3}`, { a: 9 })
      expect(isThere).toBe(model.update(`id${round * 3}`, { a: 9 }))
    }
    yield async (index, model) => {
      const isThere = await index.delete(`id${round * 2 + 1}`)
      expect(isThere).toBe(model.delete(`id${round * 2 + 1}`))
    }
    yield (index) => index.flush()
    yield async (index, model) => {
      expect(await index.count({ a: { $gte: 3 } })).toBe(model.count({ a: { $gte: 3 } }))
    }
    yield async (index, model) => {
      const sort = { a: "desc" } as const
      expect((await index.find({ tags: 1 }, { sort })).ids).toEqual(
        model.find({ tags: 1 }, { sort }),
      )
    }
    yield async (index, model) => expect(await index.get("id4")).toEqual(model.get("id4"))
    yield async (index, model) => {
      const ids: string[] = []
      for await (const id of index.ids({ text: { $prefix: "text 1" } })) ids.push(id)
      expect(ids).toEqual(model.ids({ text: { $prefix: "text 1" } }))
    }
    yield async (index, model) => {
      expect(await index.deleteMany({ a: 5 }).catch(follow)).toBe(model.deleteMany({ a: 5 }))

      /** The slices before the one that failed are committed. */
      async function follow(error: unknown): Promise<never> {
        const gone: string[] = []
        for (const id of model.ids({ a: 5 })) if (!(await index.has(id))) gone.push(id)
        expect(error).toMatchObject({ committed: gone.length })
        for (const id of gone) model.delete(id)
        throw error
      }
    }
  }
  yield (index) => index.compact()
  yield async (index) => expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
}

/** Makes the calls; those that fail must say so. Returns how many failed. */
async function run(index: MetadataIndex<Fields>, model: Model): Promise<number> {
  let failures = 0
  for (const call of calls()) {
    try {
      await call(index, model)
    } catch (error) {
      expect(error).toMatchObject(failed)
      failures++
      await compareRecords(index, model)
    }
  }
  await index.close().catch((error: unknown) => expect(error).toMatchObject(failed))
  return failures
}

test.each([false, true])(
  "any one call of the store may fail (asynchronous reads: %s)",
  {
    timeout: 60_000,
  },
  async (isAsync) => {
    const sound = new FlakyStore(new MemoryStore(), 0, isAsync)
    expect(await run(await openIndex<Fields>({ store: sound }), new Model())).toBe(0)
    expect(sound.calls).toBeGreaterThan(60)
    let failures = 0
    for (let failAt = 1; failAt <= sound.calls; failAt++) {
      const image = new MemoryStore()
      const model = new Model()
      try {
        const index = await openIndex<Fields>({ store: new FlakyStore(image, failAt, isAsync) })
        failures += await run(index, model)
      } catch (error) {
        expect(error, `call ${failAt}`).toMatchObject(failed)
      }
      const again = await openIndex<Fields>({ store: image })
      await compareRecords(again, model)
      expect(await again.verify()).toMatchObject({ ok: true, damage: [] })
      await again.close()
      await expectNoLeftovers(image)
    }
    expect(failures).toBeGreaterThan(sound.calls / 4)
  },
)
