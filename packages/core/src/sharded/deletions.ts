/** Counts calls of `deleteMany` that go on. */
export class Deletions {
  #count = 0
  #ending: PromiseWithResolvers<void> | undefined

  /** What to wait for before looking again; undefined: there are none. */
  get idle(): Promise<void> | undefined {
    return this.#ending?.promise
  }

  begin(): void {
    this.#count++
    this.#ending ??= Promise.withResolvers<void>()
  }

  end(): void {
    if (--this.#count > 0) return
    this.#ending?.resolve()
    this.#ending = undefined
  }
}
