import { TierdexError } from "../errors.ts"

/** What coordinators have open in a shard: a number each, until they are given up. */
export class Handles<H> {
  readonly #name: string
  readonly #handles = new Map<number, H>()
  #last = 0
  #emptying: PromiseWithResolvers<void> | undefined

  /** @param name of one, for messages */
  constructor(name: string) {
    this.#name = name
  }

  get size(): number {
    return this.#handles.size
  }

  add(handle: H): number {
    this.#handles.set(++this.#last, handle)
    return this.#last
  }

  /** @throws TIERDEX_CLOSED */
  get(number: number): H {
    const handle = this.#handles.get(number)
    if (handle !== undefined) return handle
    throw new TierdexError("TIERDEX_CLOSED", `${this.#name} is closed.`)
  }

  take(number: number): H | undefined {
    const handle = this.#handles.get(number)
    this.#handles.delete(number)
    this.#checkEmpty()
    return handle
  }

  takeAll(): H[] {
    const all = [...this.#handles.values()]
    this.#handles.clear()
    this.#checkEmpty()
    return all
  }

  async whenEmpty(): Promise<void> {
    if (this.size === 0) return
    this.#emptying ??= Promise.withResolvers<void>()
    await this.#emptying.promise
  }

  #checkEmpty(): void {
    if (this.size > 0) return
    this.#emptying?.resolve()
    this.#emptying = undefined
  }
}
