import { drive, isSliceOver, type Steps } from "../cache/steps.ts"
import { matchedOf } from "../engine/aggregate.ts"
import { versionsOf } from "../engine/delete-many.ts"
import { matchesOf } from "../engine/matches.ts"
import { allSetBytes } from "../engine/query-room.ts"
import type { PlainRecord } from "../engine/questions.ts"
import type { SingleEngine } from "../engine/single-engine.ts"
import { inOrder, type Run, readRun, runs } from "../engine/streams.ts"
import { closedError } from "../engine/view.ts"
import type { ViewSource } from "../engine/view-questions.ts"
import type { PartView } from "../parts/part.ts"
import { MergedCounts, type ValueCount } from "../query/facets.ts"
import type { Position } from "../query/sort-keys.ts"
import { fromValue } from "../values/scalar.ts"
import type { Batch, StreamAnswer, StreamOf } from "./calls.ts"
import { detachedPosition } from "./detached.ts"
import { type IdPart, testOf } from "./id-part.ts"

/** Values, or ids, of a batch. */
const BATCH = 4096
const IDS = 512
/** Where others keep the thread busy, each look at the time may cost a turn of the event loop. */
const COUNTS_PER_CHECK = 512

/** A stream that a coordinator reads batch by batch. One batch is ready before it is asked for. */
export class ServerStream {
  readonly #controller = new AbortController()
  readonly #batches: AsyncGenerator<Batch>
  #ahead: Promise<IteratorResult<Batch>>
  /** What ends with the stream, and not with its last batch. */
  #held: (() => void) | undefined

  /** Takes its view, or its place behind writes, now. */
  constructor(engine: SingleEngine, source: ViewSource, of: StreamOf) {
    const hold = (end: () => void) => {
      this.#held = end
    }
    this.#batches = batchesOf(engine, source, of, this.#controller.signal, hold)
    this.#ahead = this.#pull()
  }

  #pull(): Promise<IteratorResult<Batch>> {
    const next = this.#batches.next()
    // Whoever asks for the batch hears of its failure.
    next.catch(() => {})
    return next
  }

  /** @param number of this stream, for the answer */
  async next(number: number): Promise<StreamAnswer> {
    const { done, value } = await this.#whatIsAhead()
    if (done) return { batch: undefined, stream: this.#isHeld ? number : undefined }
    this.#ahead = this.#pull()
    // A short stream needs no second request to tell that it has ended.
    const isLast = !this.#isHeld && (await this.#whatIsAhead()).done
    return { batch: value, stream: isLast ? undefined : number }
  }

  async #whatIsAhead(): Promise<IteratorResult<Batch>> {
    try {
      return await this.#ahead
    } catch (error) {
      // Nobody has aborted it but who has ended it.
      throw this.#controller.signal.aborted ? closedError("The stream") : error
    }
  }

  /** Whether it goes on behind its last batch, until it is ended. */
  get #isHeld(): boolean {
    return this.#held !== undefined
  }

  async end(): Promise<void> {
    this.#controller.abort()
    await this.#batches.return(undefined)
    this.#held?.()
    this.#held = undefined
  }
}

function batchesOf(
  engine: SingleEngine,
  source: ViewSource,
  of: StreamOf,
  signal: AbortSignal,
  hold: (end: () => void) => void,
): AsyncGenerator<Batch> {
  switch (of.type) {
    case "ids":
    case "entries":
      return recordBatches(source, of, signal)
    case "values":
      return valueBatches(source, of, signal)
    case "part":
      return partBatches(engine, of.part, signal)
    case "versions":
      return versionBatches(engine, of, signal, hold)
  }
}

async function* recordBatches(
  source: ViewSource,
  of: Extract<StreamOf, { type: "ids" | "entries" }>,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const { filter, keys } = of
  const view = source.acquire()
  try {
    let batch = newBatch()
    for await (const run of runs(source, view, { filter, keys, signal })) {
      await drive(addRun(source, of, run, batch), { signal })
      // In an order of values runs are short: each is of one part.
      if (batch.ids.length < IDS) continue
      yield { type: of.type, ...batch }
      batch = newBatch()
    }
    if (batch.ids.length > 0) yield { type: of.type, ...batch }
  } finally {
    view.release()
  }
}

function newBatch() {
  return { ids: [] as string[], positions: [] as Position[], records: [] as PlainRecord[] }
}

function* addRun(
  source: ViewSource,
  of: Extract<StreamOf, { type: "ids" | "entries" }>,
  run: Run,
  { ids, positions, records }: ReturnType<typeof newBatch>,
): Steps<void> {
  positions.push(...(yield* positionsOf(run)))
  if (of.type === "ids") {
    ids.push(...(yield* inOrder(run.ordinals, (ascending) => run.view.part.ids(ascending))))
    return
  }
  for (const [id, record] of yield* readRun(source, run, of.select)) {
    ids.push(id)
    records.push(record)
  }
}

function* positionsOf({ view, ordinals, positions }: Run): Steps<Position[]> {
  if (positions !== undefined) return positions.map(detachedPosition)
  const written: Position[] = []
  for (const ordinal of ordinals) {
    written.push({ values: [], sequence: yield* view.part.sequence(ordinal) })
  }
  return written
}

async function* valueBatches(
  source: ViewSource,
  { filter, paths }: Extract<StreamOf, { type: "values" }>,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const lookup = (path: string) => source.fields.find(path)
  const view = source.acquire()
  try {
    const bytes = allSetBytes(view.parts, filter)
    const steps = matchedOf(view.parts, filter, lookup)
    const matched = await source.queries.run(bytes, steps, { signal })
    for (const [path, name] of paths.entries()) {
      const counting = MergedCounts.of(matched, name, lookup)
      const merged = await source.queries.run(bytes, counting, { signal })
      for (;;) {
        const counts = await drive(takeCounts(merged), { signal })
        if (counts.length > 0) {
          const values = counts.map(({ value }) => fromValue(value))
          yield { type: "values", path, values, counts: counts.map(({ count }) => count) }
        }
        if (counts.length < BATCH) break
      }
    }
  } finally {
    view.release()
  }
}

function* takeCounts(merged: MergedCounts): Steps<ValueCount[]> {
  const counts: ValueCount[] = []
  while (counts.length < BATCH) {
    const next = yield* merged.next()
    if (next === undefined) break
    counts.push(next)
    if (counts.length % COUNTS_PER_CHECK === 0 && isSliceOver()) yield
  }
  return counts
}

async function* partBatches(
  engine: SingleEngine,
  part: IdPart,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const isWanted = testOf(part)
  const encoder = new TextEncoder()
  const view = await engine.viewBehindWrites()
  try {
    let ids: string[] = []
    for (const { part: own, live } of view.parts) {
      const ordinals = new Uint32Array(BATCH)
      for (let next = 0; ; ) {
        const count = live.docs.read(next, ordinals)
        if (count === 0) break
        const all = await drive(own.ids(ordinals.subarray(0, count)), { signal })
        for (const id of all) if (isWanted(encoder.encode(id))) ids.push(id)
        next = ordinals[count - 1] + 1
        if (ids.length < IDS) continue
        yield { type: "part", ids }
        ids = []
      }
    }
    if (ids.length > 0) yield { type: "part", ids }
  } finally {
    view.release()
  }
}

async function* versionBatches(
  engine: SingleEngine,
  { filter }: Extract<StreamOf, { type: "versions" }>,
  signal: AbortSignal,
  hold: (end: () => void) => void,
): AsyncGenerator<Batch> {
  const lookup = (path: string) => engine.fields.find(path)
  const deletion = await engine.beginDeletion()
  // The last of them are yet to be deleted when all are found.
  hold(() => deletion.end())
  for (const part of deletion.view.parts) yield* versionsIn(part)

  async function* versionsIn(view: PartView): AsyncGenerator<Batch> {
    const matched = await drive(matchesOf(view, filter, lookup), { signal })
    const ordinals = new Uint32Array(IDS)
    for (let next = 0; ; ) {
      const count = matched.read(next, ordinals)
      if (count === 0) return
      const versions = await drive(versionsOf(view.part, ordinals.subarray(0, count)), { signal })
      const ids = versions.map(([id]) => id)
      yield { type: "versions", ids, sequences: versions.map(([, sequence]) => sequence) }
      next = ordinals[count - 1] + 1
    }
  }
}
