/** Keys and values as bytes, whatever encodings a database has of its own. */
export const AS_BYTES = { keyEncoding: "view", valueEncoding: "view" } as const

/**
 * What is used of a database of `classic-level`. A `ClassicLevel` with any types of keys and values
 * is one: those are the types of its own encodings, which are not used.
 */
export interface LevelDatabase {
  /** Its folder. */
  readonly location: string
  open(): Promise<void>
  close(): Promise<void>
  getSync(key: Uint8Array, options: typeof AS_BYTES): Uint8Array | undefined
  /** With `sync` it flushes its log. */
  batch(
    operations: LevelOperation[],
    options: typeof AS_BYTES & { readonly sync: boolean },
  ): Promise<void>
  iterator(options: LevelIteratorOptions): LevelIterator
  keys(options: LevelKeysOptions): LevelKeys
  /** The bytes of tables that a range takes, or thereabouts. */
  approximateSize(start: Uint8Array, end: Uint8Array, options: typeof AS_BYTES): Promise<number>
  /** Merges the tables of a range, so that what is deleted in it takes no more space. */
  compactRange(start: Uint8Array, end: Uint8Array, options: typeof AS_BYTES): Promise<void>
}

export type LevelOperation =
  | { readonly type: "put"; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: "del"; readonly key: Uint8Array }

export interface LevelIteratorOptions {
  readonly keyEncoding: "view"
  readonly valueEncoding: "view"
  readonly gte: Uint8Array
  readonly lt: Uint8Array
  readonly reverse: boolean
  /** Bytes that it reads ahead. */
  readonly highWaterMarkBytes: number
}

export interface LevelIterator {
  /** The next entries, at most so many; none at the end. */
  nextv(size: number): Promise<[Uint8Array, Uint8Array][]>
  close(): Promise<void>
}

export interface LevelKeysOptions {
  readonly keyEncoding: "view"
  readonly gte: Uint8Array
  readonly lt: Uint8Array
  readonly limit: number
}

export interface LevelKeys {
  /** All of them, and closes it. */
  all(): Promise<Uint8Array[]>
}
