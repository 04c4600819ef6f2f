import { expect } from "vitest"
import { readManifest } from "../../src/log/manifest.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"

const EVERYTHING = { gte: Uint8Array.of(0), lt: new Uint8Array(64).fill(0xff) }

/** What a store holds, by what it is for. */
export interface Contents {
  /** Segments of the manifest, and those that have pages. */
  readonly named: readonly number[]
  readonly stored: readonly number[]
  /** Log entries up to the flushed sequence, which nobody needs. */
  readonly oldLogEntries: number
  /** Parts of the manifest, and those among them that are of an earlier, longer one. */
  readonly manifestParts: number
  readonly oldManifestParts: number
}

/** Reads an open store. */
export async function contentsOf(image: MemoryStore): Promise<Contents> {
  const found = await readManifest(image)
  if (found === undefined) throw new Error("There is no manifest.")
  const { manifest, parts } = found
  const stored = new Set<number>()
  let oldLogEntries = 0
  let manifestParts = 0
  for await (const batch of image.scan(EVERYTHING)) {
    for (const { key } of batch) {
      const view = new DataView(key.buffer, key.byteOffset, key.byteLength)
      if (key[0] === 1) manifestParts++
      if (key[0] === 3) stored.add(view.getUint32(1))
      if (key[0] !== 2) continue
      const sequence = view.getUint32(1) * 2 ** 32 + view.getUint32(5)
      if (sequence <= manifest.flushedSequence) oldLogEntries++
    }
  }
  return {
    named: manifest.segments.map(({ segment }) => segment).sort((a, b) => a - b),
    stored: [...stored].sort((a, b) => a - b),
    oldLogEntries,
    manifestParts,
    oldManifestParts: manifestParts - parts,
  }
}

/** A closed store with the same entries: what another process would find after a kill. */
export async function copyOf(image: MemoryStore): Promise<MemoryStore> {
  const copy = new MemoryStore()
  await copy.open()
  for await (const batch of image.scan(EVERYTHING)) {
    await copy.write(batch.map((entry) => ({ type: "put", ...entry })))
  }
  await copy.close()
  return copy
}

/** Checks that a closed store holds the segments of its manifest and the log, nothing else. */
export async function expectNoLeftovers(image: MemoryStore): Promise<void> {
  await image.open()
  const { named, stored, oldLogEntries, oldManifestParts } = await contentsOf(image)
  await image.close()
  expect(stored, "segments with pages").toEqual(named)
  expect(oldLogEntries).toBe(0)
  expect(oldManifestParts).toBe(0)
}
