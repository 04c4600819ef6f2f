import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import type { Engine } from "./engine.ts"
import type { Job } from "./job.ts"

/** What is known of an engine before its module, and the library that it loads, is there. */
export interface EngineEntry {
  /** Inside `engines/`. */
  readonly module: string
  readonly label: string
  /** Settings that are not the library's own. */
  readonly settings: string
  /** Packages whose versions are told. */
  readonly packages: readonly string[]
  readonly isOurs?: true
  /** It keeps its records in memory and cannot be opened again. */
  readonly inMemory?: true
  readonly mostRecords?: number
  /** It needs a server, which this variable of the environment names. */
  readonly needs?: string
  /** A larger budget, at which the shapes that hand out many ids are asked once more. */
  readonly idsMemory?: string
}

const OURS = "memory and durability as above"

export const ENGINES: Readonly<Record<string, EngineEntry>> = {
  "tierdex-lmdb": {
    module: "tierdex.ts",
    label: "tierdex on LMDB",
    settings: OURS,
    packages: ["lmdb"],
    isOurs: true,
    idsMemory: "512 MiB",
  },
  "tierdex-memory": {
    module: "tierdex.ts",
    label: "tierdex, in memory",
    settings: "without a store and without a budget",
    packages: [],
    isOurs: true,
    inMemory: true,
  },
  "tierdex-level": {
    module: "tierdex.ts",
    label: "tierdex on LevelDB",
    settings: OURS,
    packages: [],
    isOurs: true,
  },
  "tierdex-rocksdb": {
    module: "tierdex.ts",
    label: "tierdex on RocksDB",
    settings: OURS,
    packages: ["rocksdb-native"],
    isOurs: true,
  },
  "tierdex-sqlite": {
    module: "tierdex.ts",
    label: "tierdex on SQLite",
    settings: OURS,
    packages: ["better-sqlite3"],
    isOurs: true,
  },
  "tierdex-shards": {
    module: "tierdex-sharded.ts",
    label: "tierdex, 4 shards",
    settings: "LMDB, all shards in one thread, memory and durability as above",
    packages: ["lmdb"],
    isOurs: true,
  },
  "tierdex-workers": {
    module: "tierdex-sharded.ts",
    label: "tierdex, 2 workers",
    settings: "LMDB, each shard in a worker thread, memory and durability as above",
    packages: ["lmdb"],
    isOurs: true,
  },
  sqlite: {
    module: "sqlite.ts",
    label: "SQLite",
    settings: "an index on every field, a table of tags, analyzed, WAL, a cache of 256 MB",
    packages: ["better-sqlite3"],
  },
  duckdb: {
    module: "duckdb.ts",
    label: "DuckDB",
    settings: "a file, filled by the appender, tags as a list",
    packages: ["@duckdb/node-api"],
  },
  lancedb: {
    module: "lancedb.ts",
    label: "LanceDB",
    settings: "a scalar index on every field (btree, bitmap, label list), compacted",
    packages: ["@lancedb/lancedb"],
  },
  loki: {
    module: "loki.ts",
    label: "LokiJS",
    settings: "a binary index on every field but tags, a unique one on id",
    packages: ["lokijs"],
    inMemory: true,
    mostRecords: 1_000_000,
  },
  postgres: {
    module: "postgres.ts",
    label: "PostgreSQL",
    settings: "COPY, then a btree on every field and GIN on tags, vacuumed and analyzed",
    packages: ["pg"],
    needs: "PGHOST",
  },
}

/** The engine modules that are not in the list are given by their path. */
export function entryOf(name: string): EngineEntry {
  return ENGINES[name] ?? { module: resolve(name), label: name, settings: "", packages: [] }
}

interface EngineModule {
  create(job: Job): Engine
  /** Removes what an engine keeps outside of its folder, also after a kill. */
  remove?(job: Job): Promise<void>
}

export function loadEngine(name: string): Promise<EngineModule> {
  return import(
    pathToFileURL(resolve(join(import.meta.dirname, "engines"), entryOf(name).module)).href
  )
}
