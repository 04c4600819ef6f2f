import { drive, type Steps } from "../cache/steps.ts"
import { throwIfAborted } from "../errors.ts"
import type { FieldTable } from "../fields/field-table.ts"
import type { PartView } from "../parts/part.ts"
import { find } from "../query/find.ts"
import type { Hit } from "../query/part-top.ts"
import { selectRecords } from "../query/select.ts"
import type { Position } from "../query/sort-keys.ts"
import { matchesOf } from "./matches.ts"
import { type QueryRoom, setBytes } from "./query-room.ts"
import type { EntriesQuestion, Entry, StreamQuestion } from "./questions.ts"
import type { View } from "./view.ts"

/** Records that are read at a time. */
const BATCH = 512
/** Sorted streams go page by page; each page finds its start anew, so pages grow. */
const FIRST_PAGE = 1024
const LAST_PAGE = 65_536

/** Records of one part, in the order of the stream. */
export interface Run {
  readonly view: PartView
  readonly ordinals: Uint32Array
  /** Where each stands in the order; undefined in that of writing. */
  readonly positions: readonly Position[] | undefined
}

/** What a stream needs of the index or snapshot. */
export interface StreamSource {
  readonly fields: FieldTable
  readonly queries: QueryRoom
  acquire(): View
  /** Throws if the index or snapshot is closed. */
  check(): void
}

/** The matching records of a view in runs of at most `BATCH`. */
export async function* runs(
  source: StreamSource,
  view: View,
  { filter, keys, signal }: StreamQuestion,
): AsyncGenerator<Run> {
  throwIfAborted(signal)
  const lookup = (path: string) => source.fields.find(path)
  const bytes = setBytes(view.parts, filter)
  if (keys.length > 0) {
    let after: Position | undefined
    for (let limit = FIRST_PAGE; ; limit = Math.min(LAST_PAGE, limit * 4)) {
      const steps = find(view.parts, { filter, keys, limit, after }, lookup)
      const { hits, hasMore } = await source.queries.run(bytes, steps, { signal })
      for (const run of splitHits(hits)) {
        source.check()
        yield run
      }
      after = hits.at(-1)?.position
      if (!hasMore) return
    }
  }
  for (const part of view.parts) {
    source.check()
    const found = await source.queries.run(bytes, matchesOf(part, filter, lookup), { signal })
    const buffer = new Uint32Array(BATCH)
    for (let next = 0; ; ) {
      const count = found.read(next, buffer)
      if (count === 0) break
      source.check()
      yield { view: part, ordinals: buffer.slice(0, count), positions: undefined }
      next = buffer[count - 1] + 1
    }
  }
}

/** Hits that follow each other and are of one part. */
function* splitHits(hits: readonly Hit[]): Iterable<Run> {
  for (let from = 0; from < hits.length; ) {
    const { view } = hits[from]
    let to = from + 1
    while (to < hits.length && to - from < BATCH && hits[to].view === view) to++
    const run = hits.slice(from, to)
    yield {
      view,
      ordinals: Uint32Array.from(run, (hit) => hit.ordinal),
      positions: run.map((hit) => hit.position),
    }
    from = to
  }
}

/** Reads something of ordinals in any order, by asking for them in ascending order. */
export function* inOrder<R>(
  ordinals: Uint32Array,
  read: (ascending: Uint32Array) => Steps<R[]>,
): Steps<R[]> {
  if (ordinals.every((ordinal, i) => i === 0 || ordinal > ordinals[i - 1])) {
    return yield* read(ordinals)
  }
  const order = [...ordinals.keys()].sort((a, b) => ordinals[a] - ordinals[b])
  const values = yield* read(Uint32Array.from(order, (i) => ordinals[i]))
  const out = new Array<R>(ordinals.length)
  for (const [rank, i] of order.entries()) out[i] = values[rank]
  return out
}

/** Does something when a stream is left. One that never began skips its own `finally`. */
export function onLeave<I>(stream: AsyncGenerator<I>, leave: () => unknown): AsyncGenerator<I> {
  const end = stream.return.bind(stream)
  stream.return = async (value) => {
    try {
      return await end(value)
    } finally {
      await leave()
    }
  }
  return stream
}

/**
 * Takes a view now and streams what is in it. One that is never read to an end, nor left, holds the
 * view until it is garbage.
 */
function begin<I>(
  source: StreamSource,
  read: (view: View) => AsyncGenerator<I>,
): AsyncGenerator<I> {
  const view = source.acquire()
  const stream = read(view)
  view.releaseWith(stream)
  return onLeave(stream, () => view.release())
}

/** Ids as they are found. */
export function streamIds(
  source: StreamSource,
  question: StreamQuestion,
): AsyncGenerator<readonly string[]> {
  return begin(source, async function* (view) {
    try {
      for await (const { view: part, ordinals } of runs(source, view, question)) {
        const steps = inOrder(ordinals, (ascending) => part.part.ids(ascending))
        yield await drive(steps, { signal: question.signal })
      }
    } finally {
      view.release()
    }
  })
}

/** Records with their ids as they are found. */
export function streamEntries(
  source: StreamSource,
  question: EntriesQuestion,
): AsyncGenerator<Entry> {
  return begin(source, async function* (view) {
    try {
      for await (const run of runs(source, view, question)) {
        yield* await drive(readRun(source, run, question.select), { signal: question.signal })
      }
    } finally {
      view.release()
    }
  })
}

/** @param select undefined: all fields */
export function readRun(
  { fields }: StreamSource,
  { view, ordinals }: Run,
  select: readonly string[] | undefined,
): Steps<Entry[]> {
  return inOrder(ordinals, function* (ascending) {
    const ids = yield* view.part.ids(ascending)
    const records = yield* selectRecords(view.part, ascending, fields, select)
    return ids.map((id, i) => [id, records[i]] as const)
  })
}
