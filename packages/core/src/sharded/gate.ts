/** Closed while something is seen from one side only. */
export class Gate {
  #opening: PromiseWithResolvers<void> | undefined

  /** What to wait for before looking again; undefined while it is open. */
  get opening(): Promise<void> | undefined {
    return this.#opening?.promise
  }

  close(): void {
    this.#opening ??= Promise.withResolvers<void>()
  }

  open(): void {
    this.#opening?.resolve()
    this.#opening = undefined
  }
}
