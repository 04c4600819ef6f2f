/** Calls that take effect one after another, in the order in which they were made. */
export class Line {
  #last: Promise<void> | undefined

  /**
   * Makes a call: at once, if none is before it. One that returns no promise is done when it
   * returns; any other holds up the next until its promise settles.
   */
  async run<R>(call: () => R | Promise<R>): Promise<R> {
    const before = this.#last
    if (before === undefined) {
      const result = call()
      if (!(result instanceof Promise)) return result
      return await this.#hold(result)
    }
    return await this.#hold(before.then(call))
  }

  async #hold<R>(work: Promise<R>): Promise<R> {
    const settled = work.then(
      () => {},
      () => {},
    )
    this.#last = settled
    void settled.then(() => {
      if (this.#last === settled) this.#last = undefined
    })
    return await work
  }
}
