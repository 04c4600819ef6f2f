import { TierdexError } from "../errors.ts"
import { PageReader, PageWriter } from "../pages/page.ts"
import { ByteReader } from "../rows/byte-reader.ts"
import { ByteWriter } from "../rows/byte-writer.ts"
import type { Store } from "../store/store.ts"
import { ShardMap, type ShardMapData } from "./shard-map.ts"

/** The form that this release writes, and the only one that it reads. */
const FORMAT = 1

const MAP_KEY = new TextEncoder().encode("tierdex.shard-map")
const STEP_KEY = new TextEncoder().encode("tierdex.step")

/** The ids of a step of a move, which may be in both shards until the step is done. */
export interface StepNote {
  /** Of the map by which it was done. */
  readonly epoch: number
  readonly ids: readonly string[]
}

/**
 * Where the map of the shards lives, with a note of the last step of a move. Layout: two pages, each
 * u32 format, u32 length and so many bytes: of the map JSON in UTF-8; of the note f64 epoch, varint
 * number of ids, the ids as strings.
 */
export class MapStore {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  async open(): Promise<void> {
    await this.#store.open()
  }

  async close(): Promise<void> {
    await this.#store.close()
  }

  /** @throws TIERDEX_CORRUPT, TIERDEX_UNSUPPORTED_FORMAT */
  async load(): Promise<ShardMap | undefined> {
    const bytes = await this.#read(MAP_KEY, "map of the shards")
    if (bytes === undefined) return undefined
    const data: ShardMapData = JSON.parse(new TextDecoder().decode(bytes))
    return new ShardMap(data)
  }

  /** Durable when it resolves. */
  async save(map: ShardMap): Promise<void> {
    await this.#write(MAP_KEY, new TextEncoder().encode(JSON.stringify(map.data)))
  }

  /** @throws TIERDEX_CORRUPT, TIERDEX_UNSUPPORTED_FORMAT */
  async loadStep(): Promise<StepNote | undefined> {
    const bytes = await this.#read(STEP_KEY, "note of the last step of a move")
    if (bytes === undefined) return undefined
    const reader = new ByteReader(bytes)
    const epoch = reader.f64()
    return { epoch, ids: Array.from({ length: reader.varint() }, () => reader.string()) }
  }

  /** Durable when it resolves. */
  async saveStep(note: StepNote): Promise<void> {
    const out = new ByteWriter()
    out.f64(note.epoch)
    out.varint(note.ids.length)
    for (const id of note.ids) out.string(id)
    await this.#write(STEP_KEY, out.bytes)
  }

  async #write(key: Uint8Array, bytes: Uint8Array): Promise<void> {
    const page = new PageWriter()
    page.u32(FORMAT)
    page.u32(bytes.length)
    page.raw(bytes)
    await this.#store.write([{ type: "put", key, value: page.seal(key) }], { durable: true })
  }

  async #read(key: Uint8Array, what: string): Promise<Uint8Array | undefined> {
    const stored = await this.#store.get(key)
    if (stored === undefined) return undefined
    const page = new PageReader(
      key,
      stored,
      (reason) =>
        new TierdexError(
          "TIERDEX_CORRUPT",
          `The ${what} cannot be used: ${reason}. Restore its store from a backup.`,
        ),
    )
    const format = page.u32()
    if (format !== FORMAT) {
      throw new TierdexError(
        "TIERDEX_UNSUPPORTED_FORMAT",
        `The ${what} has format ${format}; this release reads format ${FORMAT}. Open it with the ` +
          "release that wrote it.",
      )
    }
    return page.raw(page.u32())
  }
}
