import { hashBytes, hashNumber } from "../values/hash.ts"
import { Kind, type Value } from "../values/kind.ts"
import type { ByteArena } from "./byte-arena.ts"
import { HashIndex } from "./hash-index.ts"
import { ValueTable } from "./value-table.ts"

/** The number of `missing` in every dictionary of a memtable: an untouched cell of a column. */
export const MISSING_VID = 0

/** The distinct values of a field, with a way from each to its number. */
export class Dictionary extends ValueTable {
  readonly #index = new HashIndex()
  /** The number of null, or -1. */
  nullVid = -1

  constructor(arena: ByteArena) {
    super(arena)
    this.internNumber(Kind.missing, 0)
  }

  override get byteLength(): number {
    return this.#index.byteLength + super.byteLength
  }

  /** The number of a value of a kind with a numeric payload, new or not. */
  internNumber(kind: Kind, payload: number): number {
    const hash = hashNumber(payload, kind)
    const vid = this.#findNumber(hash, kind, payload)
    return vid >= 0 ? vid : this.#add(hash, kind, payload)
  }

  /** The number of the string with these UTF-8 bytes, new or not. */
  internString(bytes: Uint8Array, from: number, to: number): number {
    const hash = hashBytes(bytes, from, to, Kind.string)
    const vid = this.#findString(hash, bytes, from, to)
    return vid >= 0 ? vid : this.#add(hash, Kind.string, this.arena.add(bytes, from, to))
  }

  /** The number of a value, or -1. */
  find({ kind, payload }: Value): number {
    return typeof payload === "number"
      ? this.#findNumber(hashNumber(payload, kind), kind, payload)
      : this.#findString(hashBytes(payload, 0, payload.length, kind), payload, 0, payload.length)
  }

  #findNumber(hash: number, kind: Kind, payload: number): number {
    let vid = this.#index.first(hash)
    while (vid >= 0 && !this.isNumber(vid, kind, payload)) vid = this.#index.next()
    return vid
  }

  #findString(hash: number, bytes: Uint8Array, from: number, to: number): number {
    let vid = this.#index.first(hash)
    while (vid >= 0 && !this.isString(vid, bytes, from, to)) vid = this.#index.next()
    return vid
  }

  #add(hash: number, kind: Kind, payload: number): number {
    const vid = this.add(kind, payload)
    this.#index.add(hash, vid)
    if (kind === Kind.null) this.nullVid = vid
    return vid
  }
}
