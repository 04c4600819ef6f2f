import { type FileAddress, FileKind } from "../pages/keys.ts"
import { PageWriter } from "../pages/page.ts"
import type { PageSink } from "../pages/page-sink.ts"
import type { ValueRef } from "../values/value-ref.ts"
import { type Child, writeInner } from "./inner.ts"
import { writeLeaf } from "./leaf.ts"
import { OpenLeaf } from "./open-leaf.ts"
import { PostingsWriter } from "./postings.ts"

/** Postings up to this many ordinals stay in the leaf. */
const INLINE_MAX = 1360
const INNER_FIXED_BYTES = 64
const CHILD_BYTES = 8 + 8 + 4 + 1 + 4

/** What must be known of a tree to read it. Kept in the field's meta page. */
export interface TreeShape {
  /** Levels above the leaves. */
  readonly height: number
  readonly leaves: number
  /** Distinct values. */
  readonly distinct: number
  /** Ordinals over all values. */
  readonly entries: number
}

/**
 * Builds a B+ tree bottom-up from values in order: leaves are filled one after another, and of the
 * levels above only the rightmost node is in memory.
 */
export class TreeWriter {
  readonly #sink: PageSink
  readonly #file: FileAddress
  readonly #targetBytes: number
  readonly #page = new PageWriter()
  readonly #postings: PostingsWriter
  readonly #leaf: OpenLeaf
  readonly #levels: OpenInner[] = []
  #leaves = 0
  #distinct = 0
  #entries = 0
  // The value that is being written.
  #value: ValueRef | undefined
  readonly #buffer = new Uint32Array(INLINE_MAX)
  #buffered = 0
  #isExternal = false
  #count = 0

  /** @param targetBytes size of leaves and interior nodes; one value may exceed it */
  constructor(sink: PageSink, segment: number, field: number, targetBytes: number) {
    this.#sink = sink
    this.#file = { segment, field, kind: FileKind.tree }
    this.#targetBytes = targetBytes
    this.#postings = new PostingsWriter(sink, { segment, field, kind: FileKind.postings })
    this.#leaf = new OpenLeaf()
  }

  /** Begins a value, greater than all before it, which must not change until it is ended. */
  begin(value: ValueRef): void {
    this.#value = value
    this.#buffered = 0
    this.#isExternal = false
    this.#count = 0
  }

  /** Adds ordinals of the value, ascending over all calls for it. */
  add(ordinals: Uint32Array, from: number, to: number): void {
    this.#count += to - from
    if (!this.#isExternal) {
      if (this.#buffered + to - from <= INLINE_MAX) {
        for (let i = from; i < to; i++) this.#buffer[this.#buffered++] = ordinals[i]
        return
      }
      this.#isExternal = true
      this.#postings.add(this.#buffer, 0, this.#buffered)
    }
    this.#postings.add(ordinals, from, to)
  }

  /** Ends the value; without ordinals it is not written. Returns whether it was. */
  end(): boolean {
    const value = this.#value
    if (value === undefined || this.#count === 0) return false
    const leaf = this.#leaf
    const ref = this.#isExternal ? this.#postings.end() : undefined
    const inline = this.#buffer
    const length = this.#buffered
    if (!leaf.fits(value, this.#count, inline, length, ref, this.#targetBytes)) this.#endLeaf()
    if (leaf.isEmpty) leaf.start(value.kind, this.#distinct, this.#entries)
    leaf.push(value, this.#count, inline, length, ref)
    this.#distinct++
    this.#entries += this.#count
    return true
  }

  finish(): TreeShape {
    if (!this.#leaf.isEmpty) this.#endLeaf()
    this.#postings.finish()
    // Close the levels from below until one has a single page: the root.
    for (let level = 0; level < this.#levels.length; level++) {
      const inner = this.#levels[level]
      if (inner.pages === 0 && inner.children.length === 1) {
        this.#levels.length = level
        break
      }
      this.#endInner(level)
    }
    return {
      height: this.#levels.length,
      leaves: this.#leaves,
      distinct: this.#distinct,
      entries: this.#entries,
    }
  }

  #endLeaf(): void {
    const leaf = this.#leaf
    const child = leaf.asChild()
    writeLeaf(this.#page, leaf.take())
    this.#sink.put(this.#file, this.#leaves++, this.#page)
    this.#addChild(0, child)
  }

  #addChild(level: number, child: Child): void {
    const inner = this.#levels[level] ?? new OpenInner()
    this.#levels[level] = inner
    const { payload } = child.separator
    const size = CHILD_BYTES + (typeof payload === "number" ? 0 : payload.length)
    if (inner.size + size > this.#targetBytes && inner.children.length > 1) this.#endInner(level)
    inner.children.push(child)
    inner.size += size
  }

  #endInner(level: number): void {
    const inner = this.#levels[level]
    const first = inner.children[0]
    if (first === undefined) return
    writeInner(this.#page, inner.firstChild, inner.children)
    this.#sink.put({ ...this.#file, kind: FileKind.tree + level + 1 }, inner.pages++, this.#page)
    inner.firstChild += inner.children.length
    inner.children = []
    inner.size = INNER_FIXED_BYTES
    this.#addChild(level + 1, first)
  }
}

/** The interior node at the right edge of a level. */
class OpenInner {
  children: Child[] = []
  size = INNER_FIXED_BYTES
  pages = 0
  firstChild = 0
}
