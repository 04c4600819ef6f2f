import { deepStrictEqual } from "node:assert/strict"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type MetadataIndex, openIndex } from "@tierdex/core"
import { type City, cityEntries, countCities } from "./cities.ts"
import { QUESTIONS } from "./questions.ts"
import { askAgain, type Reopened, reopen } from "./reopen.ts"
import { answered, facts, heading, progressBar, say } from "./screen.ts"
import { makeStore, type StoreName } from "./stores.ts"
import { formatMib, formatMs, formatNumber } from "./text.ts"

/** What the demo found, for those who run it as a test. */
export interface DemoResult {
  readonly records: number
  readonly answers: readonly unknown[]
  readonly reopened: Reopened
}

export interface DemoOptions {
  /** Where the index is kept; default `"lmdb"`. */
  readonly store?: StoreName
  /** Only cities of at least so many people. */
  readonly minPopulation?: number
}

/**
 * Indexes cities in a temporary folder, asks, closes, and asks again in a new process, which must
 * give the same answers. A store in memory ends with its process, and is opened again by this one.
 */
export async function runDemo(options: DemoOptions = {}): Promise<DemoResult> {
  const { store: name = "lmdb", minPopulation = 0 } = options
  const folder = await mkdtemp(join(tmpdir(), "tierdex-quickstart-"))
  try {
    const total = countCities(minPopulation)
    heading(`Indexing ${formatNumber(total)} cities`, "data: geonames.org, CC BY 4.0")
    const store = await makeStore(name, folder)
    const index = await openIndex<City>({ store })
    await ingest(index, cityEntries(minPopulation), total)
    const answers = await askAll(index)
    const records = index.size
    const { bytesOnDisk } = index.stats()
    await index.close()

    const { persistent } = store.capabilities
    heading(`Closed, and opened again${persistent ? " by a new process" : ""}`)
    const reopened = await (persistent ? reopen(name, folder) : askAgain(async () => store))
    deepStrictEqual(reopened.answers, answers)
    showReopened(reopened, records, bytesOnDisk)
    return { records, answers, reopened }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function ingest(
  index: MetadataIndex<City>,
  entries: Iterable<readonly [string, City]>,
  total: number,
): Promise<void> {
  const bar = progressBar(total, "cities")
  const start = performance.now()
  await index.putMany(entries, { onProgress: ({ done }) => bar.update(done) })
  const writtenMs = performance.now() - start
  bar.stop()
  await index.flush()
  const flushedMs = performance.now() - start
  const perSecond = Math.round((total / writtenMs) * 1000)
  facts([
    ["written", formatMs(writtenMs), `${formatNumber(perSecond)} a second, all of it durable`],
    ["and sorted into a segment", formatMs(flushedMs), `now tier ${index.tier}`],
  ])
}

async function askAll(index: MetadataIndex<City>): Promise<unknown[]> {
  const answers: unknown[] = []
  for (const [i, question] of QUESTIONS.entries()) {
    const found = await question.ask(index)
    answered(i + 1, question, found)
    answers.push(found.answer)
  }
  return answers
}

function showReopened(
  { coldOpenMs, openMs, firstAnswerMs, allAnswersMs, answers, before, after }: Reopened,
  records: number,
  bytesOnDisk: number,
): void {
  facts([
    ["opened", formatMs(coldOpenMs), "most of it to load the store's code"],
    ["opened once more", formatMs(openMs), "nothing is rebuilt"],
    ["first answer", formatMs(firstAnswerMs), "since that opening began"],
    ["all answers", formatMs(allAnswersMs), `${answers.length} questions, each answered as before`],
    ...(after.ownBytes === undefined || after.fileBytes === undefined
      ? [memoryRow("memory", before.residentBytes, after.residentBytes)]
      : [
          memoryRow("memory of its own (RssAnon)", before.ownBytes, after.ownBytes),
          memoryRow("mapped from files (RssFile)", before.fileBytes, after.fileBytes),
        ]),
    ["on disk", formatMib(bytesOnDisk), `${Math.round(bytesOnDisk / records)} bytes a city`],
  ])
  say("")
}

function memoryRow(
  name: string,
  beforeBytes: number | undefined,
  afterBytes: number,
): readonly [string, string, string] {
  return [name, formatMib(afterBytes), `${formatMib(beforeBytes ?? 0)} before opening`]
}
