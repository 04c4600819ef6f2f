import type {
  Entry,
  KeyRange,
  ScanOptions,
  Store,
  StoreCapabilities,
  WriteOp,
} from "../../src/store/store.ts"
import { WrappedStore } from "./wrapped-store.ts"

/** Resolves when the operation of that name may go on: whoever decides it explores orders. */
export type Delay = (operation: string) => Promise<void>

/**
 * A store whose writes and scans take their time, as `delay` decides, while reads are synchronous.
 * An operation takes effect somewhere between its call and its answer, with delays before and
 * after; writes take effect in the order of their calls.
 */
export class LateStore extends WrappedStore {
  readonly #delay: Delay
  #lastWrite: Promise<unknown> = Promise.resolve()

  constructor(inner: Store, delay: Delay) {
    super(inner)
    this.#delay = delay
  }

  override async *scan(options: ScanOptions): AsyncGenerator<readonly Entry[]> {
    await this.#delay("scan")
    for await (const batch of this.inner.scan(options)) {
      await this.#delay("scan")
      yield batch
    }
  }

  override write(ops: readonly WriteOp[], options: { readonly durable: boolean }): Promise<void> {
    return this.#inOrder("write", () => this.inner.write(ops, options))
  }

  override deleteRange(range: KeyRange): Promise<void> {
    return this.#inOrder("deleteRange", () => this.inner.deleteRange(range))
  }

  /** Closes after the writes that were called before. */
  override close(): Promise<void> {
    return this.#inOrder("close", () => this.inner.close())
  }

  /** Takes effect at some time. */
  protected async slowly<T>(operation: string, effect: () => T | Promise<T>): Promise<T> {
    await this.#delay(operation)
    const result = await effect()
    await this.#delay(operation)
    return result
  }

  /** Takes effect after the writes before it; its answer may still overtake theirs. */
  async #inOrder(operation: string, effect: () => Promise<void>): Promise<void> {
    const done = Promise.all([this.#lastWrite, this.#delay(operation)]).then(effect)
    this.#lastWrite = done.catch(() => undefined)
    await done
    await this.#delay(operation)
  }
}

/**
 * The same with reads that take their time too: it answers with promises only, in an order that
 * `delay` decides.
 *
 * With fast-check: `new AsyncStore(store, (name) => scheduler.schedule(Promise.resolve(), name))`.
 */
export class AsyncStore extends LateStore {
  override get capabilities(): StoreCapabilities {
    return { ...this.inner.capabilities, syncReads: false }
  }

  override get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.slowly("get", () => this.inner.get(key))
  }

  override getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return this.slowly("getMany", () => this.inner.getMany(keys))
  }
}

/** Delays of 0 to 3 turns of the event loop, the same for the same seed and calls. */
export function seededDelay(seed: number): Delay {
  let state = seed | 0
  return async () => {
    // xorshift32 over a Weyl sequence, which leaves zero on its own.
    state = (state + 0x9e3779b9) | 0
    let x = state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    for (let turns = x & 3; turns > 0; turns--) await new Promise((go) => setImmediate(go))
  }
}
