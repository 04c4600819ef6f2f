import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Store, StoreCapabilities } from "@tierdex/core"
import type { InProcessStoreOptions, PathStoreOptions } from "./options.ts"
import type { StoreSource } from "./process/task.ts"

/** The kind of store under test. */
export interface Subject {
  readonly name: string
  readonly capabilities: StoreCapabilities
  /** Somewhere new for a store to be. */
  newPlace(): Promise<Place>
}

/** Where one store is, under the instances that open it one after another. */
export interface Place {
  /** An instance that is not open yet. */
  store(): Store
  /** On disk only. */
  readonly files?: PlaceFiles
  /** Leaves nothing behind. Every instance is closed. */
  remove(): Promise<void>
}

export interface PlaceFiles {
  /** Of this place alone. */
  readonly folder: string
  /** The store's file or folder, which may not be there yet. */
  readonly path: string
  /** A store at another path. */
  storeAt(path: string): Store
  /** How another process makes the store. */
  source(path: string): StoreSource
}

/** What a suite's options describe. */
export function subjectOf<O extends { readonly path: string }>(
  options: PathStoreOptions<O> | InProcessStoreOptions,
): Subject {
  return "make" in options ? inProcessSubject(options) : pathSubject(options)
}

function pathSubject<O extends { readonly path: string }>({
  factory,
  module,
  options,
  name = factory.name + (options === undefined ? "" : ` ${JSON.stringify(options)}`),
}: PathStoreOptions<O>): Subject {
  const optionsAt = (path: string) => ({ ...options, path }) as O
  return {
    name,
    capabilities: factory(optionsAt(join(tmpdir(), "tierdex-never-opened"))).capabilities,
    newPlace: async () => {
      const folder = await mkdtemp(join(tmpdir(), "tierdex-"))
      const path = join(folder, "store")
      return {
        store: () => factory(optionsAt(path)),
        files: {
          folder,
          path,
          storeAt: (other) => factory(optionsAt(other)),
          source: (at) => ({
            module: String(module),
            exportName: factory.name,
            options: optionsAt(at),
          }),
        },
        remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
      }
    },
  }
}

function inProcessSubject({ name, make }: InProcessStoreOptions): Subject {
  const { capabilities } = make()
  if (capabilities.persistent) {
    throw new TypeError(
      `${name} says that it is persistent: describe it by its factory and module, so that other processes can open it too.`,
    )
  }
  return {
    name,
    capabilities,
    newPlace: async () => {
      const store = make()
      return { store: () => store, remove: async () => {} }
    },
  }
}
