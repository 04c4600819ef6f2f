import { setImmediate } from "node:timers"
import { setImmediate as nextTurn } from "node:timers/promises"
import { throwIfAborted } from "../errors.ts"

/**
 * A computation that runs synchronously over what is in memory and pauses where it must wait: for
 * pages from the store, for a write, or (yielding nothing) to let other work run.
 *
 * Reading, flushing and merging are written as steps, so that nothing awaits per row and a cached
 * page costs no promise.
 */
export type Steps<T> = Generator<Promise<unknown> | undefined, T, undefined>

/** How long steps may run before other work gets its turn, in milliseconds. */
const SLICE_MS = 8

/** What one run of steps has cost so far. */
export interface Work {
  pagesRead: number
  pagesFromCache: number
  bytesRead: number
}

export function newWork(): Work {
  return { pagesRead: 0, pagesFromCache: 0, bytesRead: 0 }
}

// Steps run one at a time between two pauses, so the run in progress is a matter of the module.
let current = newWork()
/** Until when steps may run before the event loop goes round; for all runs together. */
let sliceEnd = Number.POSITIVE_INFINITY
let isInSlice = false

/** Begins a slice with the first steps of a turn: many short runs must not keep others waiting. */
function beginSlice(): void {
  if (isInSlice) return
  isInSlice = true
  sliceEnd = performance.now() + SLICE_MS
  const endSlice = setImmediate(() => {
    isInSlice = false
  })
  endSlice.unref()
}

/** The account of the steps that are running now. */
export function currentWork(): Work {
  return current
}

/** Whether the steps that are running now should yield. Called once per page or so. */
export function isSliceOver(): boolean {
  return performance.now() > sliceEnd
}

export interface DriveOptions {
  signal?: AbortSignal | undefined
  work?: Work
}

/**
 * Runs steps to their end. Errors of the steps, of what they wait for, and `TIERDEX_ABORTED` when
 * the signal fires reject; the steps' `finally` blocks run.
 */
export async function drive<T>(steps: Steps<T>, options: DriveOptions = {}): Promise<T> {
  const { signal, work = newWork() } = options
  throwIfAborted(signal)
  let failure: { readonly error: unknown } | undefined
  for (;;) {
    beginSlice()
    if (isSliceOver()) {
      await nextTurn()
      beginSlice()
    }
    current = work
    const step = failure === undefined ? steps.next() : steps.throw(failure.error)
    failure = undefined
    if (step.done) return step.value
    try {
      // Without a promise the steps only make room; a real turn, so that I/O is served too.
      await (step.value ?? nextTurn())
      throwIfAborted(signal)
    } catch (error) {
      failure = { error }
    }
  }
}
