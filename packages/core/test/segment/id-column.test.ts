import { Buffer } from "node:buffer"
import fc from "fast-check"
import { expect, test } from "vitest"
import { drive } from "../../src/cache/steps.ts"
import { IdColumn, IdColumnWriter, idsPerPage } from "../../src/segment/id-column.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import { anyText } from "../oracle.ts"
import { PageStore, run } from "../pages/page-store.ts"
import { AsyncStore, seededDelay } from "../support/async-store.ts"
import { CountingStore } from "../support/counting-store.ts"

const RUNS = Math.ceil(Number(process.env.TIERDEX_RUNS) / 2)

async function store(
  ids: readonly string[],
  perPage: number,
  inner = new CountingStore(new MemoryStore()),
) {
  const pages = await PageStore.open(inner)
  const writer = new IdColumnWriter(pages.sink, 1, perPage)
  // Among others, as they come from pages.
  for (const id of ids) writer.push(Buffer.from(`<${id}>`), 1, 1 + Buffer.byteLength(id))
  writer.finish()
  await pages.finish()
  inner.reset()
  return { inner, column: new IdColumn(pages, 1, perPage) }
}

const lists = fc.array(
  fc.oneof(anyText(1, 6), fc.constantFrom("x".repeat(512), "é".repeat(256), "1", "10")),
  { minLength: 1, maxLength: 100 },
)

test("ids come back by ordinal, as text and as bytes", async () => {
  const asked = fc.record({
    perPage: fc.constantFrom(1, 8, 33),
    from: fc.nat(100),
    to: fc.nat(100),
  })
  const property = fc.asyncProperty(lists, asked, async (ids, { perPage, ...ends }) => {
    const { column } = await store(ids, perPage)
    const all = Uint32Array.from(ids.keys())
    expect(run(column.texts(all))).toEqual(ids)
    const every3 = all.filter((ordinal) => ordinal % 3 === 1)
    expect(run(column.texts(every3))).toEqual(Array.from(every3, (ordinal) => ids[ordinal]))
    const [from, to] = [ends.from, ends.to]
      .map((end) => end % (ids.length + 1))
      .sort((a, b) => a - b)
    const seen: [string, number][] = []
    run(
      column.each(from, to, (bytes, start, end, ordinal) =>
        seen.push([Buffer.from(bytes.subarray(start, end)).toString(), ordinal]),
      ),
    )
    expect(seen).toEqual(ids.slice(from, to).map((id, i) => [id, from + i]))
  })
  await fc.assert(property, { numRuns: RUNS })
})

test("the pages of many ids are loaded in one batch", async () => {
  const ids = Array.from({ length: 1000 }, (_, i) => `id-${i}`)
  const slow = new CountingStore(new AsyncStore(new MemoryStore(), seededDelay(5)))
  const { inner, column } = await store(ids, 10, slow)
  const ordinals = Uint32Array.of(3, 4, 55, 56, 999)
  const found = await drive(
    (function* () {
      yield* column.prefetch(ordinals)
      return yield* column.texts(ordinals)
    })(),
  )
  expect(found).toEqual(["id-3", "id-4", "id-55", "id-56", "id-999"])
  expect([inner.counts.getManys, inner.counts.gets, inner.counts.keysRead.length]).toEqual([
    1, 0, 3,
  ])
})

test("asking for more ids than there are is an error, not a loop", async () => {
  const { column } = await store(["a", "b", "c"], 8)
  expect(() => run(column.each(0, 5, () => {}))).toThrow(/too short/)
})

test.each([1, 8, 20, 36, 100, 512])("a page of ids of %i bytes is small", async (bytes) => {
  const perPage = idsPerPage(bytes)
  const pages = await PageStore.open()
  const writer = new IdColumnWriter(pages.sink, 1, perPage)
  for (let i = 0; i < perPage; i++) writer.push(new Uint8Array(bytes), 0, bytes)
  writer.finish()
  await pages.finish()
  expect(pages.sink.bytes).toBeLessThan(bytes === 512 ? 4200 : 4073)
})
