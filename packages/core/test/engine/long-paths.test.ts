import { expect, test } from "vitest"
import type { MetadataIndex } from "../../src/api.ts"
import { openIndex } from "../../src/open.ts"
import { manifestKey } from "../../src/pages/keys.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Store, WriteOp } from "../../src/store/store.ts"
import { MAX_FIELDS, MAX_ID_BYTES, MAX_PATH_BYTES } from "../../src/values/limits.ts"
import { contentsOf, copyOf, expectNoLeftovers } from "../failure/space.ts"
import { compareRecords, type Fields, Model } from "../oracle.ts"
import { CrashingStore } from "../support/crashing-store.ts"
import { WrappedStore } from "../support/wrapped-store.ts"

/** A store that refuses what the contract lets it refuse. */
class StrictStore extends WrappedStore {
  override async write(
    ops: readonly WriteOp[],
    options: { readonly durable: boolean },
  ): Promise<void> {
    for (const op of ops) {
      if (op.key.length < 1 || op.key.length > 64) throw new RangeError("A key is too long.")
      if (op.type === "put" && op.value.length > 2 ** 20) throw new RangeError("A value is.")
    }
    await this.inner.write(ops, options)
  }
}

const open = (store: Store) => openIndex<Fields>({ store, durability: "os" })

/** Paths as long as may be, of characters that JSON spells with six bytes each. */
const pathOf = (i: number) => `${i}`.padEnd(MAX_PATH_BYTES, "\u0001")

const recordOf = (fields: number, value: number): Fields =>
  Object.fromEntries(Array.from({ length: fields }, (_, i) => [pathOf(i), (i + value) % 7]))

const idOf = (i: number) => `${i}`.padEnd(MAX_ID_BYTES, "x")

async function partsOf(image: MemoryStore): Promise<number> {
  await image.open()
  const { manifestParts } = await contentsOf(image)
  await image.close()
  return manifestParts
}

/** So many fields that a long mark takes the manifest into a second part. */
const FIELDS = 292

const LONG_MARK = "\u0001".repeat(1024)

test("an index may have the most fields with the longest paths", async () => {
  const image = new MemoryStore()
  let index = await open(new StrictStore(image))
  const model = new Model()
  for (let i = 0; i < 3; i++) {
    const record = recordOf(MAX_FIELDS, i)
    await index.put(idOf(i), record)
    model.put(idOf(i), record)
    // In the log, in segments, and merged.
    if (i > 0) await index.flush()
  }
  await expect(index.put("more", { more: 1 })).rejects.toMatchObject({
    code: "TIERDEX_INVALID_VALUE",
  })
  await index.close()
  expect(await partsOf(image)).toBe(4)
  index = await open(new StrictStore(image))
  await compareRecords(index, model)
  expect(await index.getIds(pathOf(999), (999 + 2) % 7)).toEqual([idOf(2)])
  expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
  await index.compact()
  await compareRecords(index, model)
  await index.close()
  await expectNoLeftovers(image)
})

/** A closed index with one segment of one record. */
async function build(): Promise<MemoryStore> {
  const image = new MemoryStore()
  const index = await open(new StrictStore(image))
  await index.put("first", recordOf(FIELDS, 0))
  await index.flush()
  await index.close()
  return image
}

/** Writes and flushes with a long mark, then with a short one. */
async function growAndShrink(
  index: MetadataIndex<Fields>,
  eachFlush: (mark: string) => void = () => {},
): Promise<void> {
  for (const [id, mark] of [
    ["second", LONG_MARK],
    ["third", "short"],
  ]) {
    await index.batch([{ type: "put", id, record: { a: 1 } }], { mark })
    await index.flush()
    eachFlush(mark)
  }
}

test("the manifest grows by a part and shrinks again", async () => {
  const image = await build()
  expect(await partsOf(image)).toBe(1)
  const index = await open(new StrictStore(image))
  const keys: number[] = []
  await growAndShrink(index, () => {
    keys.push([0, 1, 2].filter((part) => image.get(manifestKey(part)) !== undefined).length)
  })
  expect(keys).toEqual([2, 1])
  await index.close()
  await expectNoLeftovers(image)
})

test("a crash leaves a whole manifest, with as many parts as it has", async () => {
  const original = await build()
  const copy = async () => {
    await original.open()
    const image = await copyOf(original)
    await original.close()
    return image
  }
  const whole = new CrashingStore({}, await copy())
  const sound = await open(whole)
  await growAndShrink(sound)
  await sound.close()
  const seen = new Set<number>()
  for (let crashAt = 1; crashAt <= whole.operations; crashAt++) {
    for (const applied of [false, true]) {
      const store = new CrashingStore({ crashAt, applied }, await copy())
      let flushed: string | undefined
      try {
        const index = await open(store)
        await growAndShrink(index, (mark) => {
          flushed = mark
        })
        await index.close()
      } catch (error) {
        if (!store.crashed) throw error
      }
      const image = await store.afterCrash()
      seen.add(await partsOf(image))
      const index = await open(image)
      const marks = [undefined, LONG_MARK, "short"]
      expect(marks.indexOf(index.mark)).toBeGreaterThanOrEqual(marks.indexOf(flushed))
      expect(await index.get("first")).toEqual(recordOf(FIELDS, 0))
      expect(await index.verify()).toMatchObject({ ok: true, damage: [] })
      await index.close()
      await expectNoLeftovers(image)
    }
  }
  expect([...seen].sort()).toEqual([1, 2])
})
