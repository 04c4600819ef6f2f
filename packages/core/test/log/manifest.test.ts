import { expect, test } from "vitest"
import { encodeManifest, FORMAT, type Manifest, readManifest } from "../../src/log/manifest.ts"
import { manifestKey } from "../../src/pages/keys.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { WriteOp } from "../../src/store/store.ts"
import { flipBit } from "../support/corrupt.ts"

const PART = 900_000
const MAX_VALUE = 2 ** 20

const empty: Manifest = {
  format: FORMAT,
  index: "x",
  rules: { include: undefined, exclude: [], onUnindexable: "error", paths: [] },
  fields: [],
  segments: [],
  nextSegment: 1,
  flushedSequence: 0,
  mark: undefined,
  drops: [],
}

/** A manifest whose text has this length in UTF-8, with characters across the ends of parts. */
function manifestOf(bytes: number): Manifest {
  const rest = bytes - Buffer.byteLength(JSON.stringify({ ...empty, fields: [""] }))
  const fields = ["é".repeat(rest >> 1) + "x".repeat(rest & 1)]
  return { ...empty, fields }
}

async function storeWith(ops: readonly WriteOp[]): Promise<MemoryStore> {
  const store = new MemoryStore()
  await store.open()
  await store.write(ops)
  return store
}

test.each([
  [200, 1],
  [PART - 1, 1],
  [PART, 1],
  [PART + 1, 2],
  [2 * PART, 2],
  [2 * PART + 1, 3],
  [7 * PART + 333_333, 8],
])("a manifest of %i bytes is stored in parts: %i", async (bytes, parts) => {
  const manifest = manifestOf(bytes)
  const ops = encodeManifest(manifest)
  expect(ops.map(({ key }) => key)).toEqual(
    Array.from({ length: parts }, (_, part) => manifestKey(part)),
  )
  for (const op of ops) if (op.type === "put") expect(op.value.length).toBeLessThan(MAX_VALUE)
  const stored = await readManifest(await storeWith(ops))
  expect(stored?.parts).toBe(parts)
  // Text by text: a difference of 7 MB is no message.
  expect(JSON.stringify(stored?.manifest) === JSON.stringify(manifest)).toBe(true)
})

test("without a manifest there is none", async () => {
  expect(await readManifest(await storeWith([]))).toBeUndefined()
})

test("a part that is damaged, missing or another's is found", async () => {
  const ops = encodeManifest(manifestOf(3 * PART))
  for (let part = 0; part < 3; part++) {
    const flipped = await storeWith(ops)
    await flipBit(flipped, manifestKey(part), 5000)
    await expect(readManifest(flipped)).rejects.toMatchObject({ code: "TIERDEX_CORRUPT" })
    const other = await storeWith(ops)
    const value = other.get(manifestKey((part + 1) % 3)) ?? new Uint8Array(0)
    await other.write([{ type: "put", key: manifestKey(part), value }])
    await expect(readManifest(other)).rejects.toMatchObject({ code: "TIERDEX_CORRUPT" })
    if (part === 0) continue
    const missing = await storeWith(ops)
    await missing.write([{ type: "delete", key: manifestKey(part) }])
    await expect(readManifest(missing)).rejects.toMatchObject({ code: "TIERDEX_CORRUPT" })
  }
})
