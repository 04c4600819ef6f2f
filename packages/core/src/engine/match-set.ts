import type { MatchSet } from "../api/results.ts"
import { drive, type Steps } from "../cache/steps.ts"
import type { DocSet } from "../docset/doc-set.ts"
import type { FilterNode } from "../filter/node.ts"
import type { PartView } from "../parts/part.ts"
import type { FieldLookup } from "../query/part-filter.ts"
import { findLive, idKey } from "./ids.ts"
import { checkIds } from "./inputs.ts"
import { matchesOf } from "./matches.ts"
import { closedError, type View } from "./view.ts"

/** What matched in a part. */
interface PartMatches {
  readonly view: PartView
  readonly matched: DocSet
}

const BATCH = 512

/** The matching records of a view, as a set of ordinals for each part. */
export class ViewMatchSet implements MatchSet {
  readonly size: number
  readonly #view: View
  readonly #matches: ReadonlyMap<PartView, DocSet>
  readonly #checkOpen: () => void
  #isClosed = false

  /** @param checkOpen throws if the index or snapshot that it came from is closed */
  constructor(view: View, matches: readonly PartMatches[], checkOpen: () => void) {
    this.#view = view
    this.#matches = new Map(matches.map(({ view: part, matched }) => [part, matched]))
    this.#checkOpen = checkOpen
    this.size = matches.reduce((sum, { matched }) => sum + matched.size, 0)
  }

  async hasMany(ids: readonly string[]): Promise<boolean[]> {
    this.#check()
    checkIds(ids)
    const keys = Array.from<unknown>(ids).map(idKey)
    const { parts } = this.#view
    const matches = this.#matches
    return await drive(
      (function* () {
        const found: boolean[] = []
        for (const key of keys) {
          const place = yield* findLive(parts, key)
          found.push(place !== undefined && matches.get(place.view)?.has(place.ordinal) === true)
        }
        return found
      })(),
    )
  }

  async *[Symbol.asyncIterator](): AsyncIterator<string> {
    for (const [{ part }, matched] of this.#matches) {
      const buffer = new Uint32Array(BATCH)
      for (let next = 0; ; ) {
        this.#check()
        const count = matched.read(next, buffer)
        if (count === 0) break
        yield* await drive(part.ids(buffer.subarray(0, count)))
        next = buffer[count - 1] + 1
      }
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#view.release()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #check(): void {
    if (this.#isClosed) throw closedError("The set")
    this.#checkOpen()
  }
}

/** What a set is made of. */
export function* matchParts(
  parts: readonly PartView[],
  filter: FilterNode,
  lookup: FieldLookup,
): Steps<PartMatches[]> {
  const matches: PartMatches[] = []
  for (const view of parts) matches.push({ view, matched: yield* matchesOf(view, filter, lookup) })
  return matches
}
