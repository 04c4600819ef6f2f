/** The class that `rocksdb-native` exports. */
export interface RocksConstructor {
  new (path: string, options: Readonly<Record<string, number | boolean>>): RocksDatabase
}

/** What is used of an open database of `rocksdb-native`, which has no types of its own. */
export interface RocksDatabase {
  readonly path: string
  /** Waits until it is open. */
  ready(): Promise<void>
  /** Starts a batch of reads. */
  read(options: RocksBatchOptions): RocksRead
  /** Starts a batch of writes. */
  write(options: RocksBatchOptions): RocksWrite
  iterator(
    range: { readonly gte: Uint8Array; readonly lt: Uint8Array },
    options: {
      readonly reverse: boolean
      readonly limit: number
      /** Entries that it reads at a time. */
      readonly capacity: number
    },
  ): AsyncIterable<{ readonly key: Uint8Array; readonly value: Uint8Array }>
  /** Writes what is in memory to a table, which is durable then. */
  flush(): Promise<void>
  close(): Promise<void>
}

export interface RocksBatchOptions {
  /** Operations to make room for: at least one. */
  readonly capacity: number
  readonly autoDestroy: true
  /** Reads only: whether what is read is kept in RocksDB's cache. */
  readonly fillCache?: boolean
}

export interface RocksRead {
  get(key: Uint8Array): Promise<Uint8Array | null>
  tryFlush(): void
}

export interface RocksWrite {
  tryPut(key: Uint8Array, value: Uint8Array): void
  tryDelete(key: Uint8Array): void
  tryDeleteRange(start: Uint8Array, end: Uint8Array): void
  flush(): Promise<void>
}
