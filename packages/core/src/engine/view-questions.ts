import type { Explanation } from "../api/explanation.ts"
import type { MatchSet } from "../api/results.ts"
import { drive, newWork, type Steps } from "../cache/steps.ts"
import type { FieldTable } from "../fields/field-table.ts"
import type { FilterNode } from "../filter/node.ts"
import type { IdKey } from "../parts/id-key.ts"
import { explain } from "../query/explain.ts"
import { find } from "../query/find.ts"
import { type IntegerSet, integersOf } from "../query/integers.ts"
import type { FieldLookup } from "../query/part-filter.ts"
import { selectRecords } from "../query/select.ts"
import type { Store } from "../store/store.ts"
import type { Scalar } from "../values/kind.ts"
import { countMatches, extentOf, facetsOf } from "./aggregate.ts"
import type { CopySource } from "./copy.ts"
import { findLive } from "./ids.ts"
import { matchParts, ViewMatchSet } from "./match-set.ts"
import { matchesOf } from "./matches.ts"
import { allSetBytes, setBytes } from "./query-room.ts"
import type {
  Asking,
  EntriesQuestion,
  Entry,
  FacetsQuestion,
  FindQuestion,
  FoundRecords,
  PlainRecord,
  Questions,
  StreamQuestion,
} from "./questions.ts"
import { readHits } from "./read-hits.ts"
import { type StreamSource, streamEntries, streamIds } from "./streams.ts"
import type { View } from "./view.ts"

/**
 * What is asked: the views of an index, or the one view of a snapshot. `acquire` throws
 * TIERDEX_CLOSED or TIERDEX_SNAPSHOT_EXPIRED; views are to be released.
 */
export interface ViewSource extends StreamSource {
  /** Tells indexes apart. */
  readonly indexId: string
  /** Where segments have their pages. */
  readonly store: Store | undefined
  readonly size: number
}

/** Asks the views of one index. */
export class ViewQuestions implements Questions {
  readonly #source: ViewSource
  readonly #lookup: FieldLookup

  constructor(source: ViewSource) {
    this.#source = source
    this.#lookup = (path) => source.fields.find(path)
  }

  get fields(): FieldTable {
    return this.#source.fields
  }

  get indexId(): string {
    return this.#source.indexId
  }

  get size(): number {
    return this.#source.size
  }

  async get(id: IdKey): Promise<PlainRecord | undefined> {
    return await this.#read((view) => this.#get(view, id))
  }

  *#get(view: View, id: IdKey): Steps<PlainRecord | undefined> {
    const place = yield* findLive(view.parts, id)
    if (place === undefined) return undefined
    const { view: part, ordinal } = place
    const [record] = yield* selectRecords(part.part, Uint32Array.of(ordinal), this.fields)
    return record
  }

  async has(id: IdKey): Promise<boolean> {
    return await this.#read(function* (view) {
      return (yield* findLive(view.parts, id)) !== undefined
    })
  }

  async find(question: FindQuestion): Promise<FoundRecords> {
    const { filter, select, signal } = question
    const { fields } = this
    return await this.ask(filter, signal, function* (view, lookup): Steps<FoundRecords> {
      const { hits, hasMore } = yield* find(view.parts, question, lookup)
      const { ids, records } = yield* readHits(view.parts, hits, fields, select)
      return { ids, records, end: hasMore ? hits.at(-1)?.position : undefined }
    })
  }

  async explain(question: FindQuestion): Promise<Explanation> {
    const work = newWork()
    const view = this.#source.acquire()
    try {
      const steps = explain(view.parts, question, this.#lookup, work)
      const bytes = setBytes(view.parts, question.filter)
      return await this.#source.queries.run(bytes, steps, { signal: question.signal, work })
    } finally {
      view.release()
    }
  }

  async count(filter: FilterNode, { signal }: Asking): Promise<number> {
    return await this.ask(filter, signal, (view, lookup) =>
      countMatches(view.parts, filter, lookup),
    )
  }

  async facets({ filter, paths, limit, signal }: FacetsQuestion): Promise<Record<string, unknown>> {
    return await this.ask(
      filter,
      signal,
      (view, lookup) => facetsOf(view.parts, filter, paths, limit, lookup),
      allSetBytes,
    )
  }

  async extent(
    filter: FilterNode,
    path: string,
    { signal }: Asking,
  ): Promise<{ min: Scalar; max: Scalar } | undefined> {
    return await this.ask(filter, signal, (view, lookup) =>
      extentOf(view.parts, filter, path, lookup),
    )
  }

  async match(filter: FilterNode, { signal }: Asking): Promise<MatchSet> {
    const view = this.#source.acquire()
    try {
      const bytes = setBytes(view.parts, filter)
      const steps = matchParts(view.parts, filter, this.#lookup)
      const matches = await this.#source.queries.run(bytes, steps, { signal })
      const set = new ViewMatchSet(view, matches, () => this.#source.check())
      view.releaseWith(set)
      return set
    } catch (error) {
      view.release()
      throw error
    }
  }

  async integers(filter: FilterNode, path: string, { signal }: Asking): Promise<IntegerSet> {
    return await this.ask(filter, signal, (view, lookup) =>
      integersOf(view.parts, filter, path, lookup),
    )
  }

  async idsOf(filter: FilterNode, { signal }: Asking): Promise<string[]> {
    return await this.ask(filter, signal, function* (view, lookup) {
      const ids: string[] = []
      for (const part of view.parts) {
        const found = yield* matchesOf(part, filter, lookup)
        for (const id of yield* part.part.ids(found.toArray())) ids.push(id)
      }
      return ids
    })
  }

  ids(question: StreamQuestion): AsyncGenerator<readonly string[]> {
    return streamIds(this.#source, question)
  }

  entries(question: EntriesQuestion): AsyncGenerator<Entry> {
    return streamEntries(this.#source, question)
  }

  copySource(): CopySource {
    const { fields, indexId, store } = this.#source
    return { view: this.#source.acquire(), fields, indexId, store }
  }

  /** Reads single records. */
  async #read<R>(steps: (view: View) => Steps<R>): Promise<R> {
    const view = this.#source.acquire()
    try {
      return await drive(steps(view))
    } finally {
      view.release()
    }
  }

  /**
   * Runs the steps of a question over a view of now.
   * @param bytesOf what sets the answer takes at most
   */
  async ask<R>(
    filter: FilterNode,
    signal: AbortSignal | undefined,
    steps: (view: View, lookup: FieldLookup) => Steps<R>,
    bytesOf = setBytes,
  ): Promise<R> {
    const view = this.#source.acquire()
    try {
      const bytes = bytesOf(view.parts, filter)
      return await this.#source.queries.run(bytes, steps(view, this.#lookup), { signal })
    } finally {
      view.release()
    }
  }
}
