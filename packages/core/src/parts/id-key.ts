import { hashBytes } from "../values/hash.ts"
import { Kind } from "../values/kind.ts"

/** An id as it lies among other bytes, hashed once for all that look it up. */
export class IdKey {
  readonly source: Uint8Array
  readonly from: number
  readonly to: number
  /** As `hashValue` of the string. */
  readonly hash: number
  #bytes: Uint8Array | undefined

  /** The UTF-8 bytes from `from` up to `to` of `source`, which must not change meanwhile. */
  constructor(source: Uint8Array, from = 0, to = source.length) {
    this.source = source
    this.from = from
    this.to = to
    this.hash = hashBytes(source, from, to, Kind.string)
  }

  /** The id alone. */
  get bytes(): Uint8Array {
    const { source, from, to } = this
    this.#bytes ??= new Uint8Array(source.buffer, source.byteOffset + from, to - from)
    return this.#bytes
  }

  equals({ hash, source, from, to }: IdKey): boolean {
    if (hash !== this.hash || to - from !== this.to - this.from) return false
    const shift = from - this.from
    for (let i = this.from; i < this.to; i++) if (this.source[i] !== source[i + shift]) return false
    return true
  }
}
