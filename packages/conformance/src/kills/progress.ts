import type { Moment } from "./moments.ts"

/**
 * What a process that is to be killed says of itself, one line each time something changes. A line
 * says it all, so that the last whole one is enough.
 */
export interface Progress {
  readonly phase: "opening" | "writing" | "copying" | "copied"
  /** The mark of the index that it opened. */
  readonly found?: number
  /** The last step that was begun, and the last that was acknowledged; 0: none. */
  readonly sent: number
  readonly done: number
  /** What is under way. */
  readonly moments: readonly Moment[]
  /** Of this process. */
  readonly flushes?: number
  readonly merges?: number
}

export function formatProgress(progress: Progress): string {
  return JSON.stringify(progress)
}

export function parseProgress(line: string): Progress {
  return JSON.parse(line)
}
