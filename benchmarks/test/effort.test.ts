import { MemoryStore } from "@tierdex/core"
import { expect, test } from "vitest"
import { Catalogue } from "../src/catalogue.ts"
import { Tierdex } from "../src/engines/tierdex.ts"
import type { Job } from "../src/job.ts"
import { Random } from "../src/random.ts"
import { shapes } from "../src/shapes.ts"

const RECORDS = 40_000
const SEGMENTS = 4
const DRAWS = 5

const job: Job = {
  engine: "tierdex",
  phases: ["ingest", "query"],
  records: RECORDS,
  seed: 1,
  draws: DRAWS,
  shapes: [],
  memory: "64 MiB",
  durability: "os",
  folder: "",
}

/** Counts what is read. */
class CountedStore extends MemoryStore {
  pages = 0
  bytes = 0

  override get(key: Uint8Array): Uint8Array | undefined {
    return this.#count(super.get(key))
  }

  override getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    return super.getMany(keys).map((value) => this.#count(value))
  }

  #count(value: Uint8Array | undefined): Uint8Array | undefined {
    this.pages++
    this.bytes += value?.length ?? 0
    return value
  }
}

/*
 * What questions read does not depend on the machine, so it can be compared exactly: with the
 * figures in effort.txt, which `pnpm -C benchmarks test -u` replaces.
 */
test("questions read as many pages and bytes as they did", async () => {
  const store = new CountedStore()
  const engine = new Tierdex(job, () => store)
  await engine.open()
  const catalogue = new Catalogue(job.seed)
  for (let segment = 0; segment < SEGMENTS; segment++) {
    await engine.upsert(catalogue.next(RECORDS / SEGMENTS))()
    await engine.finish()
  }
  await engine.close()

  const random = new Random(job.seed + 1)
  const lines = [["shape", "cold pages", "cold bytes", "pages of the rest", "bytes of the rest"]]
  for (const shape of shapes) {
    const draws = Array.from({ length: DRAWS }, () => shape.draw(random, RECORDS))
    if (shape.writes) continue
    // Nothing is in memory when the first question comes.
    await engine.open()
    const figures: number[] = []
    for (const part of [draws.slice(0, 1), draws.slice(1)]) {
      store.pages = 0
      store.bytes = 0
      for (const draw of part) await (await draw.prepare(engine))()
      figures.push(store.pages, store.bytes)
    }
    await engine.close()
    lines.push([shape.name, ...figures.map(String)])
  }
  const text = lines.map((line) =>
    line
      .map((cell) => cell.padEnd(18))
      .join("")
      .trimEnd(),
  )
  await expect(`${text.join("\n")}\n`).toMatchFileSnapshot("effort.txt")
})
