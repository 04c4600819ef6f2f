import { CommonestValues, type ValueCount } from "../query/facets.ts"
import { compareValues } from "../values/compare.ts"
import { scalarValue } from "./scalar-value.ts"
import type { ShardStream } from "./shard-stream.ts"

/** The values of one shard, path by path. */
class ValueList {
  readonly #stream: ShardStream<"values">
  #path = -1
  #counts: readonly ValueCount[] = []
  #at = 0

  constructor(stream: ShardStream<"values">) {
    this.#stream = stream
  }

  async load(): Promise<void> {
    const batch = await this.#stream.next()
    this.#path = batch?.path ?? -1
    this.#counts =
      batch?.values.map((value, i) => ({ value: scalarValue(value), count: batch.counts[i] })) ?? []
    this.#at = 0
  }

  /** Its next value of a path; undefined: there are no more. */
  at(path: number): ValueCount | undefined {
    return this.#path === path ? this.#counts[this.#at] : undefined
  }

  /** What to wait for before the next value; undefined: nothing. */
  skip(): Promise<void> | undefined {
    this.#at++
    return this.#at === this.#counts.length ? this.load() : undefined
  }
}

/**
 * The commonest values of each path over all shards. Every shard lists its values in their order,
 * so that equal ones meet, and only the commonest are in memory at once.
 */
export async function mergeCounts(
  streams: readonly ShardStream<"values">[],
  paths: number,
  limit: number,
): Promise<ValueCount[][]> {
  const lists = streams.map((stream) => new ValueList(stream))
  await Promise.all(lists.map((list) => list.load()))
  const commonest: ValueCount[][] = []
  for (let path = 0; path < paths; path++) {
    const top = new CommonestValues(limit)
    for (;;) {
      const least = leastAt(lists, path)
      if (least === undefined) break
      let count = 0
      for (const list of lists) {
        const own = list.at(path)
        if (own === undefined || compareValues(own.value, least.value) !== 0) continue
        count += own.count
        const loading = list.skip()
        if (loading !== undefined) await loading
      }
      top.offer({ value: least.value, count })
    }
    commonest.push(top.sorted())
  }
  return commonest
}

function leastAt(lists: readonly ValueList[], path: number): ValueCount | undefined {
  let least: ValueCount | undefined
  for (const list of lists) {
    const own = list.at(path)
    if (own === undefined) continue
    if (least === undefined || compareValues(own.value, least.value) < 0) least = own
  }
  return least
}
