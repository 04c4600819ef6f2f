import type { StoreCapabilities, WriteOp } from "../store/store.ts"
import type { PageStore } from "./job.ts"
import type { FromThread } from "./messages.ts"
import { buffersOf, type PackedBytes, packBytes, unpackBytes } from "./packed-bytes.ts"

/** Sends a message, handing over buffers. */
export type Post = (message: FromThread, buffers?: readonly ArrayBuffer[]) => void

/** Ends a run whose store call failed; the thread that has the store knows why. */
export class CallRefused extends Error {}

/** Calls of the store that wait for their answers, over all runs of a thread. */
export class Calls {
  readonly #waiting = new Map<number, PromiseWithResolvers<PackedBytes>>()
  #last = 0

  /** Makes a call and waits for its answer. */
  make(send: (call: number) => void): Promise<PackedBytes> {
    const call = ++this.#last
    const waiting = Promise.withResolvers<PackedBytes>()
    this.#waiting.set(call, waiting)
    send(call)
    return waiting.promise
  }

  answer(call: number, values: PackedBytes): void {
    this.#take(call)?.resolve(values)
  }

  refuse(call: number): void {
    this.#take(call)?.reject(new CallRefused("The store refused a call."))
  }

  #take(call: number) {
    const waiting = this.#waiting.get(call)
    this.#waiting.delete(call)
    return waiting
  }
}

/** The store of another thread, for one run. */
export class RemoteStore implements PageStore {
  readonly capabilities: StoreCapabilities
  readonly #run: number
  readonly #calls: Calls
  readonly #post: Post
  /** Memory of the last write. */
  #spare: Uint8Array<ArrayBuffer> | undefined

  constructor(run: number, capabilities: StoreCapabilities, calls: Calls, post: Post) {
    this.capabilities = { ...capabilities, syncReads: false }
    this.#run = run
    this.#calls = calls
    this.#post = post
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return (await this.getMany([key]))[0]
  }

  async getMany(wanted: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    const keys = packBytes(wanted)
    const values = await this.#calls.make((call) => {
      this.#post({ type: "read", run: this.#run, call, keys }, buffersOf(keys))
    })
    return unpackBytes(values)
  }

  async write(ops: readonly WriteOp[]): Promise<void> {
    const keys = packBytes(ops.map((op) => op.key))
    const pages = ops.map((op) => (op.type === "put" ? op.value : undefined))
    const values = packBytes(pages, this.#spare)
    this.#spare = undefined
    const written = await this.#calls.make((call) => {
      const buffers = [...buffersOf(keys), ...buffersOf(values)]
      this.#post({ type: "write", run: this.#run, call, keys, values }, buffers)
    })
    this.#spare = written.bytes
  }
}
