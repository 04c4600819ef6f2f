import type { Entry, KeyRange, ScanOptions, WriteOp } from "@tierdex/core"

/** What a store must hold: a map, sorted when asked. */
export class SortedModel {
  readonly #entries = new Map<string, Entry>()

  write(ops: readonly WriteOp[]): void {
    for (const op of ops) {
      if (op.type === "put") {
        const entry = { key: new Uint8Array(op.key), value: new Uint8Array(op.value) }
        this.#entries.set(nameOf(op.key), entry)
      } else this.#entries.delete(nameOf(op.key))
    }
  }

  deleteRange(range: KeyRange): void {
    for (const { key } of this.scan(range)) this.#entries.delete(nameOf(key))
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#entries.get(nameOf(key))?.value
  }

  keys(): Uint8Array[] {
    return [...this.#entries.values()].map(({ key }) => key)
  }

  scan({ gte, lt, reverse, limit }: ScanOptions): Entry[] {
    const entries = [...this.#entries.values()]
      .filter(({ key }) => Buffer.compare(key, gte) >= 0 && Buffer.compare(key, lt) < 0)
      .sort((a, b) => Buffer.compare(a.key, b.key))
    if (reverse) entries.reverse()
    return entries.slice(0, limit)
  }
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key).toString("hex")
}
