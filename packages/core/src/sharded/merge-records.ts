import { comparePositions, type Position, type SortKey } from "../query/sort-keys.ts"

/** Records that ascend in an order, a batch of them at a time. */
export interface RecordSource<B extends { readonly positions: readonly Position[] }> {
  next(): Promise<B | undefined>
}

/** Records of a batch to be taken next, and so on. */
export interface Taken<B> {
  readonly batch: B
  readonly at: number
}

interface Head<B> {
  readonly source: { next(): Promise<B | undefined> }
  batch: B
  at: number
}

/** Merges records of several shards, each in order, in runs of up to `size`. */
export async function* mergeRecords<B extends { readonly positions: readonly Position[] }>(
  sources: readonly RecordSource<B>[],
  keys: readonly SortKey[],
  size: number,
): AsyncGenerator<Taken<B>[]> {
  const firsts = await Promise.all(sources.map((source) => source.next()))
  let heads = firsts.flatMap((batch, i): Head<B>[] =>
    batch === undefined ? [] : [{ source: sources[i], batch, at: 0 }],
  )
  let run: Taken<B>[] = []
  while (heads.length > 0) {
    const head = least(heads, keys)
    run.push({ batch: head.batch, at: head.at })
    head.at++
    if (head.at === head.batch.positions.length) {
      const batch = await head.source.next()
      if (batch === undefined) heads = heads.filter((other) => other !== head)
      else {
        head.batch = batch
        head.at = 0
      }
    }
    if (run.length < size) continue
    yield run
    run = []
  }
  if (run.length > 0) yield run
}

function least<B extends { readonly positions: readonly Position[] }>(
  heads: readonly Head<B>[],
  keys: readonly SortKey[],
): Head<B> {
  let first = heads[0]
  for (let i = 1; i < heads.length; i++) {
    const order = comparePositions(
      keys,
      heads[i].batch.positions[heads[i].at],
      first.batch.positions[first.at],
    )
    if (order < 0) first = heads[i]
  }
  return first
}
