/** What a store can do. Declared by the adapter, checked by the conformance suite. */
export interface StoreCapabilities {
  /** `write(ops, { durable: true })` survives a power cut once its promise resolves. */
  readonly durableWrites: boolean
  /** `get` and `getMany` return values, never promises. */
  readonly syncReads: boolean
  /** What is written is still there when the process is gone. */
  readonly persistent: boolean
}

/** One key with its value. */
export interface Entry {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** A step of an atomic write. */
export type WriteOp =
  | { readonly type: "put"; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: "delete"; readonly key: Uint8Array }

/** Keys from `gte` (inclusive) to `lt` (exclusive), both required. */
export interface KeyRange {
  readonly gte: Uint8Array
  readonly lt: Uint8Array
}

export interface ScanOptions extends KeyRange {
  /** From the greatest key down. */
  readonly reverse?: boolean
  /** At most this many entries, a positive integer. */
  readonly limit?: number
}

/**
 * An ordered key-value engine, as the index needs it. One process owns a store; one index uses it.
 *
 * Keys are 1 to 64 bytes and order as bytes; values are 0 bytes to 1 MiB. The engine validates
 * what it passes: an adapter gets exact arguments. Arrays that are passed in belong to the caller
 * again once the promise resolves; arrays that are handed out belong to the receiver and never
 * change. Calls may overlap; writes take effect in the order in which they were called.
 *
 * An adapter throws a `TierdexError`: `TIERDEX_LOCKED` when another owner has the files,
 * `TIERDEX_CLOSED` after close, `TIERDEX_STORE_FAILED` with the engine's error as `cause` for all
 * else. It may also throw plain errors: the engine wraps them.
 */
export interface Store {
  /** For messages: `lmdb`, `memory`. */
  readonly name: string
  readonly capabilities: StoreCapabilities
  /** Opens or creates the files and locks them. Called once, before all else. */
  open(): Promise<void>
  /** The value of a key. A store with `syncReads` returns it, any other a promise of it. */
  get(key: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined>
  /** The values of keys, in the order of the keys, undefined where there is none. */
  getMany(
    keys: readonly Uint8Array[],
  ): (Uint8Array | undefined)[] | Promise<(Uint8Array | undefined)[]>
  /**
   * The entries of a range in key order, in batches of any size but zero. Not a snapshot: the
   * engine never scans what it writes meanwhile. May be left early.
   */
  scan(options: ScanOptions): AsyncIterable<readonly Entry[]>
  /**
   * Writes all of it or nothing. Of two operations on a key the later wins. Reads see the write
   * once the promise resolves. With `durable`, this write and all before it survive a power cut;
   * without, they survive the end of the process.
   */
  write(ops: readonly WriteOp[], options: { readonly durable: boolean }): Promise<void>
  /**
   * Deletes a range to free space: not atomic, may be repeated after it was interrupted, and does
   * not block the event loop for long.
   */
  deleteRange(range: KeyRange): Promise<void>
  /** Bytes that the store takes on disk, or in memory if it keeps nothing on disk. */
  sizeOnDisk(): Promise<number>
  /** Releases files and locks, after pending writes. A second call does nothing. */
  close(): Promise<void>
}
