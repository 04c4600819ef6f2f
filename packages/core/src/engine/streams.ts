import type { IdStream } from "../api/results.ts"
import { drive, type Steps } from "../cache/steps.ts"
import { throwIfAborted } from "../errors.ts"
import type { FieldTable } from "../fields/field-table.ts"
import type { FilterNode } from "../filter/node.ts"
import type { PartView } from "../parts/part.ts"
import { find } from "../query/find.ts"
import type { Hit } from "../query/part-top.ts"
import { selectRecords } from "../query/select.ts"
import type { Position, SortKey } from "../query/sort-keys.ts"
import { matchesOf } from "./matches.ts"
import { type QueryRoom, setBytes } from "./query-room.ts"
import type { View } from "./view.ts"

/** Records that are read at a time. */
const BATCH = 512
/** Sorted streams go page by page; each page finds its start anew, so pages grow. */
const FIRST_PAGE = 1024
const LAST_PAGE = 65_536

export interface StreamRequest {
  readonly filter: FilterNode
  readonly keys: readonly SortKey[]
  readonly signal: AbortSignal | undefined
}

export interface EntriesRequest extends StreamRequest {
  /** Undefined: all fields. */
  readonly select: readonly string[] | undefined
}

type Entry = readonly [id: string, record: Record<string, unknown>]

/** Records of one part, in the order of the stream. */
interface Run {
  readonly view: PartView
  readonly ordinals: Uint32Array
}

/** What a stream needs of the index or snapshot. */
export interface StreamSource {
  readonly fields: FieldTable
  readonly queries: QueryRoom
  acquire(): View
  /** Throws if the index or snapshot is closed. */
  check(): void
}

/** The matching records of a view in runs of at most `BATCH`; releases the view at its end. */
async function* runs(
  source: StreamSource,
  view: View,
  { filter, keys, signal }: StreamRequest,
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
      yield { view: part, ordinals: buffer.slice(0, count) }
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
    yield { view, ordinals: Uint32Array.from(hits.slice(from, to), (hit) => hit.ordinal) }
    from = to
  }
}

/** Reads something of ordinals in any order, by asking for them in ascending order. */
function* inOrder<R>(
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

/** Ids as they are found. */
export class ViewIdStream implements IdStream {
  readonly #batches: AsyncGenerator<readonly string[]>

  constructor(source: StreamSource, request: () => StreamRequest) {
    this.#batches = begin(source, request, idBatches)
  }

  batches(): AsyncIterable<readonly string[]> {
    return this.#batches
  }

  [Symbol.asyncIterator](): AsyncGenerator<string> {
    return onLeave(each(this.#batches), () => this.#batches.return(undefined))
  }
}

async function* each<I>(batches: AsyncIterable<readonly I[]>): AsyncGenerator<I> {
  for await (const batch of batches) yield* batch
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

/** Records with their ids as they are found. */
export function streamEntries(
  source: StreamSource,
  request: () => EntriesRequest,
): AsyncGenerator<Entry> {
  return begin(source, request, entries)
}

/**
 * Checks a request and takes a view now; if that fails, the stream fails when it is read. One that
 * is never read to an end, nor left, holds the view until it is garbage.
 */
function begin<R extends StreamRequest, I>(
  source: StreamSource,
  request: () => R,
  read: (source: StreamSource, view: View, asked: R) => AsyncGenerator<I>,
): AsyncGenerator<I> {
  try {
    const asked = request()
    const view = source.acquire()
    const stream = read(source, view, asked)
    view.releaseWith(stream)
    return onLeave(stream, () => view.release())
  } catch (error) {
    return failing(error)
  }
}

async function* failing(error: unknown): AsyncGenerator<never> {
  throw error
}

async function* idBatches(
  source: StreamSource,
  view: View,
  asked: StreamRequest,
): AsyncGenerator<readonly string[]> {
  try {
    for await (const { view: part, ordinals } of runs(source, view, asked)) {
      const steps = inOrder(ordinals, (ascending) => part.part.ids(ascending))
      yield await drive(steps, { signal: asked.signal })
    }
  } finally {
    view.release()
  }
}

async function* entries(
  source: StreamSource,
  view: View,
  asked: EntriesRequest,
): AsyncGenerator<Entry> {
  try {
    for await (const { view: part, ordinals } of runs(source, view, asked)) {
      const steps = inOrder(ordinals, function* (ascending) {
        const ids = yield* part.part.ids(ascending)
        const records = yield* selectRecords(part.part, ascending, source.fields, asked.select)
        return ids.map((id, i) => [id, records[i]] as const)
      })
      yield* await drive(steps, { signal: asked.signal })
    }
  } finally {
    view.release()
  }
}
