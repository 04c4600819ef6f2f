import fc from "fast-check"
import { expect, test } from "vitest"
import { CursorHeap } from "../../src/segment/cursor-heap.ts"
import type { MergeCursor } from "../../src/segment/merge-cursor.ts"
import { Kind } from "../../src/values/kind.ts"
import { ValueRef } from "../../src/values/value-ref.ts"

/** Over numbers that ascend. */
class ListCursor implements MergeCursor {
  readonly rank: number
  readonly value = new ValueRef()
  readonly vids = new Uint32Array(0)
  readonly #numbers: readonly number[]
  #at = 0

  constructor(rank: number, numbers: readonly number[]) {
    this.rank = rank
    this.#numbers = numbers
    this.value.setNumber(Kind.number, numbers[0])
  }

  get isDone(): boolean {
    return this.#at >= this.#numbers.length
  }

  takeOrdinals(): boolean {
    return true
  }

  *readOrdinals() {}

  step(_vid: number): boolean {
    this.value.setNumber(Kind.number, this.#numbers[++this.#at])
    return true
  }

  *load() {}
}

const lists = fc.array(fc.array(fc.nat(20), { maxLength: 12 }), { maxLength: 20 })

test("a heap of cursors lists all values in order, those of older inputs first", () => {
  fc.assert(
    fc.property(lists, fc.boolean(), (lists, pops) => {
      const sorted = lists.map((list) => list.toSorted((a, b) => a - b))
      const heap = new CursorHeap(sorted.map((list, rank) => new ListCursor(rank, list)))
      const seen: [number, number][] = []
      for (let { top } = heap; top !== undefined; { top } = heap) {
        const { number } = top.value
        seen.push([number, top.rank])
        const rest = seen.length
        const all = sorted.flatMap((list, rank) => list.map((n): [number, number] => [n, rank]))
        const left = all.sort(([a, r], [b, s]) => a - b || r - s).slice(rest)
        const isTied = left.some(([n, rank]) => n === number && rank !== top?.rank)
        expect(heap.isTied).toBe(isTied)
        if (pops) heap.pop()
        top.step(0)
        if (pops) heap.push(top)
        else heap.settle()
      }
      const expected = sorted.flatMap((list, rank) => list.map((n): [number, number] => [n, rank]))
      expect(seen).toEqual(expected.sort(([a, r], [b, s]) => a - b || r - s))
    }),
  )
})
