import { storeClosed } from "./errors.ts"

/** What an adapter holds of its engine while its store is open. */
export interface Releasable {
  /** Lets others have it. */
  readonly release: () => Promise<void>
}

/** What is opened once and released once, also by a store that is closed while it opens. */
export class Opening<H extends Releasable> {
  #opening: Promise<H> | undefined
  #held: H | undefined
  #closing: Promise<void> | undefined

  /** True from `close` on. */
  get isClosing(): boolean {
    return this.#closing !== undefined
  }

  /**
   * The whole of `Store.open`.
   * @param open leaves nothing behind if it fails
   * @throws TIERDEX_CLOSED if the store is closed, or is being closed when it is open
   */
  async open(open: () => Promise<H>): Promise<H> {
    if (this.isClosing) throw storeClosed()
    this.#opening = open()
    const held = await this.#opening
    if (this.isClosing) throw storeClosed()
    this.#held = held
    return held
  }

  /** What is open. @throws TIERDEX_CLOSED before `open` and from `close` on */
  get held(): H {
    if (this.#held === undefined || this.isClosing) throw storeClosed()
    return this.#held
  }

  /**
   * The whole of `Store.close`.
   * @param settle waits for writes, before the release
   */
  close(settle: () => Promise<void>): Promise<void> {
    this.#closing ??= this.#close(settle)
    return this.#closing
  }

  async #close(settle: () => Promise<void>): Promise<void> {
    // Whoever opens it learns of a failure.
    const opened = await this.#opening?.catch(() => undefined)
    await settle()
    await (this.#held ?? opened)?.release()
  }
}
