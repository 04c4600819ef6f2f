/** Paths that are counted one by one. Keys may be data, and then there is no end to them. */
const MAX_PATHS = 1000
/** Stands for all others; no path has empty names. */
const OTHERS = "..."

/** How many values were left out, by path. */
export class SkippedPaths {
  readonly #counts = new Map<string, number>()

  add(path: string): void {
    const isCounted = this.#counts.size < MAX_PATHS || this.#counts.has(path)
    const name = isCounted ? path : OTHERS
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
  }

  get counts(): Record<string, number> {
    return Object.fromEntries(this.#counts)
  }
}
