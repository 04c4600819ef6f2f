import type { Steps } from "../cache/steps.ts"
import { FileKind } from "../pages/keys.ts"
import { PageFile, type PageSource } from "../pages/page-file.ts"
import { compareValues } from "../values/compare.ts"
import type { Value } from "../values/kind.ts"
import { beforeValue, type Cut } from "../values/value-set.ts"
import { InnerPage } from "./inner.ts"
import { LeafPage } from "./leaf.ts"
import { type Container, PostingsPage, readPostings, readPostingsArray } from "./postings.ts"
import type { TreeShape } from "./tree-writer.ts"

/** A place between two values of a tree. */
export interface TreePlace {
  /** Distinct values before it. */
  readonly vid: number
  /** Entries before it. */
  readonly entry: number
}

/**
 * A bulk-loaded B+ tree in pages: the distinct values of a field in order, each with its
 * ordinals. Leaves are numbered in order, so the next leaf is the next page. A value's number
 * ("vid") is its rank among all values of the tree.
 */
export class PageTree {
  readonly shape: TreeShape
  readonly #leaves: PageFile<LeafPage>
  /** From just above the leaves up to the root. */
  readonly #levels: readonly PageFile<InnerPage>[]
  readonly #postings: PageFile<PostingsPage>

  constructor(source: PageSource, segment: number, field: number, shape: TreeShape) {
    this.shape = shape
    this.#leaves = new PageFile(source, { segment, field, kind: FileKind.tree }, LeafPage)
    this.#levels = Array.from(
      { length: shape.height },
      (_, level) =>
        new PageFile(source, { segment, field, kind: FileKind.tree + level + 1 }, InnerPage),
    )
    this.#postings = new PageFile(source, { segment, field, kind: FileKind.postings }, PostingsPage)
  }

  /** How much of the tree lies before a cut. */
  *placeOf(cut: Cut): Steps<TreePlace> {
    const page = yield* this.#descend((inner) => inner.childAtCut(cut))
    const leaf = this.#leaves.cached(page) ?? (yield* this.#leaves.read(page))
    const before = leaf.valuesBefore(cut)
    return { vid: leaf.firstVid + before, entry: leaf.firstEntry + leaf.entriesBefore(before) }
  }

  /** Where a value is, or undefined. */
  *find(value: Value): Steps<{ readonly leaf: LeafPage; readonly index: number } | undefined> {
    const cut = beforeValue(value)
    let page = yield* this.#descend((inner) => inner.childAtCut(cut))
    let leaf = this.#leaves.cached(page) ?? (yield* this.#leaves.read(page))
    let index = leaf.valuesBefore(cut)
    if (index === leaf.length) {
      // The value may be the first of the next leaf.
      page++
      if (page >= this.shape.leaves) return undefined
      leaf = this.#leaves.cached(page) ?? (yield* this.#leaves.read(page))
      index = 0
    }
    if (compareValues(leaf.value(index), value) !== 0) return undefined
    return { leaf, index }
  }

  /** The value of an entry, by the number of entries before it. */
  *valueAt(entry: number): Steps<Value> {
    const page = yield* this.#descend((inner) => inner.childAtEntry(entry))
    const leaf = yield* this.leafAt(page)
    return leaf.value(leaf.indexAt(entry - leaf.firstEntry))
  }

  /** The leaf that holds a value by its number. */
  *leafOf(vid: number): Steps<LeafPage> {
    const page = yield* this.#descend((inner) => inner.childAtVid(vid))
    return this.#leaves.cached(page) ?? (yield* this.#leaves.read(page))
  }

  *leafAt(page: number): Steps<LeafPage> {
    return this.#leaves.cached(page) ?? (yield* this.#leaves.read(page))
  }

  /** The page number of the leaf that holds a value by its number. */
  *pageOf(vid: number): Steps<number> {
    return yield* this.#descend((inner) => inner.childAtVid(vid))
  }

  *prefetchLeaves(first: number, count: number): Steps<void> {
    yield* this.#leaves.prefetch(first, Math.min(count, this.shape.leaves - first))
  }

  /** The ordinals of a value by its place in a leaf, ascending. */
  *ordinals(leaf: LeafPage, index: number): Steps<Uint32Array> {
    const ref = leaf.external(index)
    if (ref !== undefined) return yield* readPostingsArray(this.#postings, ref)
    const from = leaf.inlineBefore(index)
    const to = from + leaf.count(index)
    const out = new Uint32Array(to - from)
    leaf.inline.copy(from, to, out, 0, 0)
    return out
  }

  /**
   * The containers of a value whose postings are outside its leaf.
   * @param ahead pages of postings to load at once, if the next values are wanted too
   */
  *containers(
    leaf: LeafPage,
    index: number,
    take: (container: Container) => void,
    ahead = 0,
  ): Steps<void> {
    const ref = leaf.external(index)
    if (ref === undefined) return
    if (ahead > 1 && this.#postings.cached(ref.page) === undefined) {
      yield* this.#postings.prefetch(ref.page, ahead)
    }
    yield* readPostings(this.#postings, ref, take)
  }

  *#descend(choose: (inner: InnerPage) => number): Steps<number> {
    let page = 0
    for (let level = this.#levels.length - 1; level >= 0; level--) {
      const file = this.#levels[level]
      const inner = file.cached(page) ?? (yield* file.read(page))
      page = inner.page(choose(inner))
    }
    return page
  }

  /**
   * Walks every page and throws an `Error` that names the first broken invariant.
   * @param take is handed the ordinals of each value, ascending
   */
  *check(
    universe: number,
    take: (vid: number, ordinals: Uint32Array) => void = () => {},
  ): Steps<void> {
    let vid = 0
    let entry = 0
    let previous: Value | undefined
    for (let page = 0; page < this.shape.leaves; page++) {
      const leaf = yield* this.leafAt(page)
      if (leaf.firstVid !== vid || leaf.firstEntry !== entry)
        throw new Error(`leaf ${page}: counts`)
      for (const edge of [vid, vid + leaf.length - 1]) {
        if ((yield* this.pageOf(edge)) !== page) {
          throw new Error(`leaf ${page}: not found by number`)
        }
      }
      for (let index = 0; index < leaf.length; index++) {
        const value = leaf.value(index)
        if (previous !== undefined && compareValues(previous, value) >= 0) {
          throw new Error(`leaf ${page}: values out of order at ${index}`)
        }
        previous = value
        const found = yield* this.find(value)
        if (found === undefined || found.leaf.firstVid + found.index !== vid + index)
          throw new Error(`leaf ${page}: value ${index} not found`)
        const ordinals = yield* this.ordinals(leaf, index)
        checkOrdinals(ordinals, leaf.count(index), universe, page)
        take(vid + index, ordinals)
        entry += leaf.count(index)
      }
      vid += leaf.length
      yield undefined
    }
    if (vid !== this.shape.distinct || entry !== this.shape.entries) {
      throw new Error("the tree's totals are wrong")
    }
  }
}

function checkOrdinals(ordinals: Uint32Array, count: number, universe: number, page: number): void {
  if (ordinals.length !== count) throw new Error(`leaf ${page}: a posting has a wrong count`)
  for (let i = 0; i < ordinals.length; i++) {
    if (ordinals[i] >= universe || (i > 0 && ordinals[i] <= ordinals[i - 1])) {
      throw new Error(`leaf ${page}: a posting is out of order or range`)
    }
  }
}
