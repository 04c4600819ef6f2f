import type { Store } from "@tierdex/core"

/** A store that lives in a file or a folder: all that the suite needs follows from its path. */
export interface PathStoreOptions<O extends { readonly path: string }> {
  /** Makes a store, not open yet, of the file or the folder at `path`. */
  readonly factory: (options: O) => Store
  /**
   * The module that exports the factory, by the factory's own name, to other processes:
   * `new URL("../src/index.ts", import.meta.url)`. Node itself has to be able to import it.
   */
  readonly module: URL | string
  /** What the factory gets besides the path: plain JSON, since other processes get it too. */
  readonly options?: Omit<O, "path">
  /** Names the suite. By default the factory's name and its options. */
  readonly name?: string
}

/** A store that lives and dies with the process, or with what made it. */
export interface InProcessStoreOptions {
  /** Names the suite. */
  readonly name: string
  /**
   * Makes a store that is empty and not open yet. Closed, the same instance can be opened again and
   * holds what it held. It must not say that it is `persistent`.
   */
  readonly make: () => Store
}
