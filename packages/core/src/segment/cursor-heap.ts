import type { MergeCursor } from "./merge-cursor.ts"

/** Cursors in a heap with the least value on top; of equal ones that of the oldest input. */
export class CursorHeap {
  readonly #cursors: MergeCursor[] = []

  constructor(cursors: readonly MergeCursor[]) {
    for (const cursor of cursors) this.push(cursor)
  }

  get top(): MergeCursor | undefined {
    return this.#cursors[0]
  }

  /** Whether another cursor has the value of the one on top. */
  get isTied(): boolean {
    const [top, left, right] = this.#cursors
    return (
      (left !== undefined && top.value.compare(left.value) === 0) ||
      (right !== undefined && top.value.compare(right.value) === 0)
    )
  }

  /** Adds a cursor, unless it is done. */
  push(cursor: MergeCursor): void {
    if (cursor.isDone) return
    const cursors = this.#cursors
    let at = cursors.push(cursor) - 1
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if (!isBefore(cursor, cursors[parent])) break
      cursors[at] = cursors[parent]
      at = parent
    }
    cursors[at] = cursor
  }

  /** Takes the cursor on top out. */
  pop(): MergeCursor | undefined {
    const top = this.#cursors[0]
    const last = this.#cursors.pop()
    if (last !== undefined && last !== top) this.#sink(last)
    return top
  }

  /** Puts the cursor on top where it belongs, after it has gone on. */
  settle(): void {
    const [top] = this.#cursors
    if (top.isDone) this.pop()
    else this.#sink(top)
  }

  #sink(cursor: MergeCursor): void {
    const cursors = this.#cursors
    const { length } = cursors
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= length) break
      if (child + 1 < length && isBefore(cursors[child + 1], cursors[child])) child++
      if (!isBefore(cursors[child], cursor)) break
      cursors[at] = cursors[child]
      at = child
    }
    cursors[at] = cursor
  }
}

function isBefore(a: MergeCursor, b: MergeCursor): boolean {
  const order = a.value.compare(b.value)
  return order < 0 || (order === 0 && a.rank < b.rank)
}
