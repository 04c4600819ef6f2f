import type { ByteArena } from "./byte-arena.ts"

/** Runs shorter than this are sorted by insertion. */
const SMALL = 24

/**
 * Sorts items by their byte strings: radix sort from the first byte on (McIlroy, Bostic and
 * McIlroy, "Engineering Radix Sort", 1993).
 * @param refOf the string of an item
 */
export function sortByBytes(
  items: Uint32Array,
  arena: ByteArena,
  refOf: (item: number) => number,
): void {
  const scratch = new Uint32Array(items.length)
  const digits = new Int16Array(items.length)
  // An explicit stack: shared prefixes may be thousands of bytes long.
  const stack = [{ from: 0, to: items.length, depth: 0 }]
  for (let run = stack.pop(); run !== undefined; run = stack.pop()) {
    const { from, to, depth } = run
    if (to - from < SMALL) {
      insertionSort(items, from, to, depth, arena, refOf)
      continue
    }
    const ends = new Uint32Array(257)
    for (let i = from; i < to; i++) {
      const digit = arena.byteAt(refOf(items[i]), depth) + 1
      digits[i] = digit
      ends[digit]++
    }
    for (let digit = 0, at = from; digit < 257; digit++) {
      const count = ends[digit]
      ends[digit] = at
      at += count
    }
    for (let i = from; i < to; i++) scratch[ends[digits[i]]++] = items[i]
    items.set(scratch.subarray(from, to), from)
    // Strings that ended here (digit 0) are equal and done.
    for (let digit = 1, start = ends[0]; digit < 257; digit++) {
      if (ends[digit] - start > 1) stack.push({ from: start, to: ends[digit], depth: depth + 1 })
      start = ends[digit]
    }
  }
}

function insertionSort(
  items: Uint32Array,
  from: number,
  to: number,
  depth: number,
  arena: ByteArena,
  refOf: (item: number) => number,
): void {
  for (let i = from + 1; i < to; i++) {
    const item = items[i]
    const ref = refOf(item)
    let at = i
    while (at > from && arena.compare(refOf(items[at - 1]), ref, depth) > 0) {
      items[at] = items[at - 1]
      at--
    }
    items[at] = item
  }
}
