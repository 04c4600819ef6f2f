import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { lmdbStore } from "@tierdex/adapter-lmdb"
import { type MetadataIndex, openIndex } from "@tierdex/core"
import { SingleBar } from "cli-progress"
import { CITY_COUNT, type City, cityEntries } from "./cities.ts"
import { answer, code, count, fact, megabytes, milliseconds, title } from "./print.ts"
import { QUESTIONS } from "./questions.ts"

/** What the demo found, for those who run it as a test. */
export interface DemoResult {
  readonly records: number
  readonly answers: readonly unknown[]
  readonly answersAreEqual: boolean
}

/**
 * Indexes cities in a temporary folder, asks, closes, opens again and asks again.
 * @param limit how many cities
 */
export async function runDemo(limit = CITY_COUNT): Promise<DemoResult> {
  const folder = await mkdtemp(join(tmpdir(), "tierdex-demo-"))
  try {
    const path = join(folder, "cities.idx")
    const open = () => openIndex<City>({ store: lmdbStore({ path }) })

    title(`Indexing ${count(limit)} cities of GeoNames into ${path}`)
    const index = await open()
    await ingest(index, limit)
    const answers = await ask(index, "loud")
    const records = index.size
    await index.close()

    title("Closed. Opening it again, and asking the same questions")
    const start = performance.now()
    const reopened = await open()
    const openedMs = performance.now() - start
    const again = await ask(reopened, "silent")
    const answeredMs = performance.now() - start
    const answersAreEqual = isDeepStrictEqual(again, answers)
    const { bytesOnDisk, tier, memory } = reopened.stats()
    fact("opened in", milliseconds(openedMs))
    fact("all answers again after", milliseconds(answeredMs))
    fact("same answers", answersAreEqual ? "yes" : "NO")
    fact("tier", String(tier))
    fact("on disk", megabytes(bytesOnDisk))
    fact("hot cache", megabytes(memory.cacheBytes))
    for (const [name, value] of await processMemory()) fact(name, value)
    await reopened.close()
    return { records, answers, answersAreEqual }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function ingest(index: MetadataIndex<City>, limit: number): Promise<void> {
  const bar = new SingleBar({
    format: "  {bar} {percentage}% | {value} of {total} cities",
    barsize: 40,
    hideCursor: true,
  })
  const start = performance.now()
  bar.start(limit, 0)
  await index.putMany(cityEntries(limit), { onProgress: ({ done }) => bar.update(done) })
  bar.stop()
  await index.flush()
  const elapsedMs = performance.now() - start
  fact("indexed and flushed in", milliseconds(elapsedMs))
  fact("records a second", count(Math.round((limit / elapsedMs) * 1000)))
}

/** Asks all questions; `elapsedMs` and page counts are left out of what `explain` answers. */
async function ask(index: MetadataIndex<City>, how: "loud" | "silent"): Promise<unknown[]> {
  const answers: unknown[] = []
  for (const question of QUESTIONS) {
    const start = performance.now()
    const found = await question.ask(index)
    const elapsedMs = performance.now() - start
    if (how === "loud") {
      title(question.title)
      code(question.ask)
      answer(found, elapsedMs)
    }
    const isExplanation = typeof found === "object" && found !== null && "elapsedMs" in found
    if (!isExplanation) answers.push(found)
  }
  return answers
}

/** Memory of this process: on Linux what is its own and what is mapped from files apart. */
async function processMemory(): Promise<[string, string][]> {
  try {
    const status = await readFile("/proc/self/status", "utf8")
    return ["RssAnon", "RssFile"].map((name) => {
      const kib = Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0)
      return [name === "RssAnon" ? "memory, own" : "memory, mapped file", megabytes(kib * 1024)]
    })
  } catch {
    return [["memory, resident", megabytes(process.memoryUsage.rss())]]
  }
}
