import { crc32 } from "node:zlib"
import type { MemoryStore } from "../../src/store/memory-store.ts"
import { Cursor } from "./cursor.ts"

/**
 * An index as it lies in a store, read by `docs/format.md` and by nothing else. Uses none of the
 * code that it checks.
 */

export const SEGMENT = 0xffff
export const KIND = {
  emptyArray: 0,
  missing: 1,
  null: 2,
  number: 3,
  string: 4,
  object: 5,
  boolean: 6,
  date: 7,
} as const

/** The payload of a string is its text here. */
export interface Value {
  readonly kind: number
  readonly payload: number | string
}

export interface TreeShape {
  readonly height: number
  readonly leaves: number
  readonly distinct: number
  readonly entries: number
}

export interface FieldMeta {
  readonly tree: TreeShape
  readonly rowsPerPage: number
  readonly maxArray: number
  readonly arrays: number
  readonly bloomPages: number
  readonly missing: number
  readonly null: number
}

export interface SegmentEntry {
  readonly segment: number
  readonly size: number
  readonly bytes: number
  readonly fields: readonly number[]
  readonly maxDistinct: number
  readonly maxArray: number
  readonly firstSequence: number
  readonly lastSequence: number
  readonly minId: string
  readonly maxId: string
  readonly ids: TreeShape
  readonly idsPerPage: number
  readonly idBloomPages: number
  readonly dead: number
  readonly liveChunks: readonly number[]
}

export interface Manifest {
  readonly format: number
  readonly fields: readonly string[]
  readonly segments: readonly SegmentEntry[]
  readonly nextSegment: number
  readonly flushedSequence: number
  readonly mark?: string
  readonly rules: unknown
}

export class Format {
  readonly #store: MemoryStore
  /** Which of the alternatives of the format were met, such as `packed 3`. */
  readonly met = new Set<string>()

  constructor(store: MemoryStore) {
    this.#store = store
  }

  value(key: readonly number[]): Uint8Array | undefined {
    return this.#store.get(Uint8Array.from(key))
  }

  /** The body of a page, from offset 8; checks header and trailer. */
  #body(key: readonly number[]): Cursor {
    const page = this.value(key)
    if (page === undefined) throw new Error(`There is no page ${key}.`)
    const cursor = new Cursor(page)
    if (cursor.text(4) !== "1tdx") throw new Error("The mark of a page is wrong.")
    if (cursor.u32() !== page.length) throw new Error("The length of a page is wrong.")
    const end = new Cursor(page, page.length - 4)
    const sum = crc32(page.subarray(0, page.length - 4), crc32(Uint8Array.from(key)))
    if (end.u32() !== sum) throw new Error("The checksum of a page is wrong.")
    return cursor
  }

  #page(segment: number, field: number, kind: number, page: number): Cursor {
    return this.#body([
      3,
      ...bigEndian(segment, 4),
      ...bigEndian(field, 2),
      kind,
      ...bigEndian(page, 4),
    ])
  }

  #packed(cursor: Cursor, count: number): number[] {
    const widths = new Set<number>()
    const numbers = cursor.packed(count, widths)
    for (const width of widths) this.met.add(`packed ${width}`)
    return numbers
  }

  manifest(): Manifest {
    const body = this.#body([1])
    if (body.u32() !== 1) throw new Error("The format is not 1.")
    const length = body.u32()
    let text = body.take(Math.min(length, 900_000))
    for (let part = 1; text.length < length; part++) {
      const rest = this.#body([1, ...bigEndian(part, 2)])
      text = Buffer.concat([text, rest.take(Math.min(length - text.length, 900_000))])
    }
    return JSON.parse(new TextDecoder().decode(text))
  }

  meta(segment: number, field: number): FieldMeta {
    const body = this.#page(segment, field, 255, 0)
    return JSON.parse(body.text(body.u32()))
  }

  /** All values of a tree with their ordinals, leaf by leaf. */
  tree(segment: number, field: number, shape: TreeShape): { value: Value; ordinals: number[] }[] {
    const values = Array.from({ length: shape.leaves }, (_, leaf) => {
      return this.#leaf(segment, field, leaf)
    }).flat()
    return values
  }

  #leaf(segment: number, field: number, leaf: number): { value: Value; ordinals: number[] }[] {
    const page = this.#page(segment, field, 16, leaf)
    const kind = page.u32()
    const length = page.u32()
    page.u32()
    const externals = page.u32()
    page.f64()
    const payloads =
      kind === KIND.string ? this.#strings(page, length) : this.#numbers(page, length)
    const counts = this.#packed(page, length)
    const refs = externals === 0 ? [] : [0, 1, 2, 3].map(() => this.#packed(page, externals))
    const inline = this.#packed(page, page.u32())
    let at = 0
    return payloads.map((payload, i) => {
      const ref = refs[0]?.indexOf(i) ?? -1
      const value = { kind, payload }
      if (ref < 0) {
        at += counts[i]
        return { value, ordinals: inline.slice(at - counts[i], at) }
      }
      this.met.add("postings elsewhere")
      const [, firstPage, container, pages] = refs.map((column) => column[ref])
      return {
        value,
        ordinals: this.#postings(segment, field, firstPage, container, pages, counts[i]),
      }
    })
  }

  #strings(page: Cursor, length: number): string[] {
    const prefixBytes = page.u32()
    const restBytes = page.u32()
    const prefix = page.take(prefixBytes)
    const rests = page.take(restBytes)
    const ends = this.#packed(page, length)
    if (prefixBytes > 0 && length > 1) this.met.add("common prefix")
    return ends.map((end, i) => {
      const rest = rests.subarray(i === 0 ? 0 : ends[i - 1], end)
      return new TextDecoder().decode(Uint8Array.from([...prefix, ...rest]))
    })
  }

  #numbers(page: Cursor, length: number): number[] {
    const mode = page.u32()
    page.align(8)
    this.met.add(`number mode ${mode}`)
    if (mode === 0) return page.times(length, page.f64)
    const first = page.f64()
    return this.#packed(page, length).map((offset) => first + offset)
  }

  #postings(
    segment: number,
    field: number,
    first: number,
    container: number,
    pages: number,
    count: number,
  ): number[] {
    const ordinals: number[] = []
    for (let page = first; page < first + pages; page++) {
      const all = this.#containers(segment, field, page)
      for (const each of all.slice(page === first ? container : 0)) {
        if (ordinals.length < count) ordinals.push(...each)
      }
    }
    return ordinals
  }

  #containers(segment: number, field: number, number: number): number[][] {
    const page = this.#page(segment, field, 2, number)
    const directory = page.times(page.u32(), () => ({
      chunk: page.u8(),
      form: page.u8(),
      count: page.u16() + 1,
      end: page.u32(),
    }))
    const heap = page.at
    return directory.map(({ chunk, form, count, end }, i) => {
      this.met.add(`container ${form}`)
      const start = i === 0 ? 0 : Math.ceil(directory[i - 1].end / 4) * 4
      const cursor = new Cursor(page.bytes, heap + start)
      const lows: number[] = []
      if (form === 0) lows.push(...cursor.times(count, cursor.u16))
      if (form === 1) {
        const bits = cursor.take(8192)
        for (let low = 0; low < 65536; low++) {
          if ((bits[Math.floor(low / 8)] >> (low % 8)) % 2 === 1) lows.push(low)
        }
      }
      while (form === 2 && cursor.at < heap + end) {
        const low = cursor.u16()
        const length = cursor.u16() + 1
        for (let j = 0; j < length; j++) lows.push(low + j)
      }
      if (cursor.at !== heap + end || lows.length !== count) {
        throw new Error("A container's directory entry is wrong.")
      }
      return lows.map((low) => chunk * 65536 + low)
    })
  }

  /** Finds a value by descending from the root; returns what its leaf says. */
  interior(segment: number, field: number, kind: number, number: number) {
    const page = this.#page(segment, field, kind, number)
    const length = page.u32()
    const firstChild = page.u32()
    const heapBytes = page.u32()
    page.align(8)
    const entriesBefore = page.times(length, page.f64)
    const payloads = page.times(length, page.f64)
    const firstVids = page.times(length, page.u32)
    const kinds = this.#packed(page, length)
    const ends = this.#packed(page, length)
    const heap = page.take(heapBytes)
    return Array.from({ length }, (_, i) => ({
      page: firstChild + i,
      entriesBefore: entriesBefore[i],
      firstVid: firstVids[i],
      kind: kinds[i],
      payload: payloads[i],
      bytes: heap.subarray(i === 0 ? 0 : ends[i - 1], ends[i]),
    }))
  }

  /** The value numbers of each row: an array for an array, else a number. */
  column(segment: number, field: number, size: number, meta: FieldMeta): (number | number[])[] {
    const directory = this.#page(segment, field, 1, 0)
    const pages = directory.u32()
    const [mins, maxes, forms] = [0, 1, 2].map(() => this.#packed(directory, pages))
    return Array.from({ length: pages }, (_, number) => {
      const form = forms[number]
      this.met.add(`column form ${form}`)
      const rows = Math.min(meta.rowsPerPage, size - number * meta.rowsPerPage)
      if (form === 0) return Array.from({ length: rows }, () => mins[number])
      const page = this.#page(segment, field, 0, number)
      const head = page.times(3, page.u32)
      if (head.join() !== [number * meta.rowsPerPage, rows, form].join()) {
        throw new Error("The head of a column page is wrong.")
      }
      const count = page.u32()
      const lengths = form === 2 ? this.#packed(page, rows) : page.times(rows, () => 0)
      const numbers = this.#packed(page, count)
      if (Math.min(...numbers) !== mins[number] || Math.max(...numbers) !== maxes[number]) {
        throw new Error("The bounds of a column page are wrong.")
      }
      let at = 0
      return lengths.map((length) => {
        at += Math.max(1, length)
        return length === 0 ? numbers[at - 1] : numbers.slice(at - length, at)
      })
    }).flat()
  }

  ids({ segment, size, idsPerPage }: SegmentEntry): string[] {
    return Array.from({ length: Math.ceil(size / idsPerPage) }, (_, number) => {
      const page = this.#page(segment, SEGMENT, 4, number)
      const length = page.u32()
      const bytes = page.take(page.u32())
      const ends = this.#packed(page, length)
      return ends.map((end, i) =>
        new TextDecoder().decode(bytes.subarray(i === 0 ? 0 : ends[i - 1], end)),
      )
    }).flat()
  }

  sequences({ segment, size }: SegmentEntry): number[] {
    const directory = this.#page(segment, SEGMENT, 6, 0)
    const pages = directory.u32()
    directory.align(8)
    const firsts = directory.times(pages, directory.f64)
    const lasts = directory.times(pages, directory.f64)
    return firsts.flatMap((first, number) => {
      const rows = Math.min(8128, size - number * 8128)
      if (lasts[number] - first === rows - 1) {
        this.met.add("sequences without gaps")
        return Array.from({ length: rows }, (_, i) => first + i)
      }
      const page = this.#page(segment, SEGMENT, 5, number)
      const form = page.u32()
      const length = page.u32()
      this.met.add(`sequences form ${form}`)
      return form === 0
        ? page.times(length, page.f64)
        : this.#packed(page, length).map((offset) => first + offset)
    })
  }

  /** Whether each record lives. */
  live({ segment, size, liveChunks }: SegmentEntry): boolean[] {
    const live: boolean[] = []
    for (let chunk = 0; live.length < size; chunk++) {
      const rows = Math.min(65536, size - live.length)
      const page = liveChunks.includes(chunk) ? this.#page(segment, SEGMENT, 7, chunk) : undefined
      const words = page?.times(2048, page.u32)
      for (let i = 0; i < rows; i++) {
        live.push(words === undefined || (words[Math.floor(i / 32)] >>> (i % 32)) % 2 === 1)
      }
    }
    return live
  }

  /** Whether the bloom filters of a field hold a value. */
  mightHold(segment: number, field: number, pages: number, value: Value): boolean {
    const page = this.#page(segment, field, 3, Math.floor((hashOf(value) * pages) / 2 ** 32))
    const start = page.at
    return bits(value).every((bit) => {
      page.at = start + Math.floor(bit / 32) * 4
      return (page.u32() >>> (bit % 32)) % 2 === 1
    })
  }

  /** The log entry of a sequence: its head and its operations. */
  logEntry(sequence: number) {
    const bodies: Uint8Array[] = []
    let head: { parts: number; lastSequence: number; bytes: number } | undefined
    for (let part = 0; head === undefined || part < head.parts; part++) {
      const key = [2, ...bigEndian(sequence, 8), ...bigEndian(part, 2)]
      const value = this.value(key)
      if (value === undefined) throw new Error(`There is no log entry ${sequence}, part ${part}.`)
      const cursor = new Cursor(value)
      if (cursor.text(4) !== "1tdl") throw new Error("The mark of a log entry is wrong.")
      const sum = cursor.u32()
      if (sum !== crc32(Uint8Array.from([...key, ...value.subarray(8)]))) {
        throw new Error("The checksum of a log entry is wrong.")
      }
      head = { parts: cursor.u32(), lastSequence: cursor.f64(), bytes: cursor.u32() }
      bodies.push(value.subarray(24))
    }
    const body = new Cursor(Uint8Array.from(bodies.flatMap((bytes) => [...bytes])))
    const newFields = body.times(body.varint(), body.string)
    const mark = body.u8() === 1 ? body.string() : undefined
    const operations: {
      type: number
      sequence: number | undefined
      id: string
      row: Map<number, unknown> | undefined
    }[] = []
    while (body.at < body.bytes.length) {
      const stated = body.u8()
      const sequence = stated > 4 ? body.f64() : undefined
      const type = stated > 4 ? stated - 4 : stated
      const rowBytes = body.u32()
      const id = body.string()
      const rowEnd = body.at + rowBytes
      operations.push({ type, sequence, id, row: type === 1 ? row(body) : undefined })
      if (body.at !== rowEnd) throw new Error("The length of a row is wrong.")
    }
    return { ...head, newFields, mark, operations }
  }
}

function row(cursor: Cursor): Map<number, unknown> {
  const fields = new Map<number, unknown>()
  for (let mark = cursor.varint(); mark !== 0; mark = cursor.varint()) {
    fields.set(mark - 1, rowValue(cursor))
  }
  return fields
}

function rowValue(cursor: Cursor): unknown {
  const tag = cursor.u8()
  switch (tag) {
    case 0:
      return []
    case 2:
      return null
    case 3:
      return cursor.f64()
    case 4:
      return cursor.string()
    case 5:
      return {}
    case 6:
      return cursor.u8() === 1
    case 7:
      return new Date(cursor.f64())
    case 8:
      return cursor.i32()
    case 9:
      return cursor.times(cursor.varint(), () => rowValue(cursor))
    default:
      throw new Error(`There is no tag ${tag}.`)
  }
}

function bigEndian(number: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => Math.floor(number / 256 ** (bytes - 1 - i)) % 256)
}

function utf8(payload: number | string): Uint8Array {
  return new TextEncoder().encode(String(payload))
}

function finish(hash: number): number {
  let h = hash >>> 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

function hashOf({ kind, payload }: Value): number {
  if (typeof payload === "string") {
    let hash = 0x811c9dc5 ^ kind
    for (const byte of utf8(payload)) hash = Math.imul(hash ^ byte, 0x01000193)
    return finish(hash)
  }
  const double = new DataView(new ArrayBuffer(8))
  double.setFloat64(0, payload, true)
  const low = double.getUint32(0, true)
  const high = double.getUint32(4, true)
  return finish(Math.imul(finish(low ^ kind), 0x01000193) ^ high)
}

function bits(value: Value): number[] {
  const hash = hashOf(value)
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x1b873593) >>> 0
  const chosen = (mixed ^ (mixed >>> 13)) >>> 0
  let a = Math.floor((Math.floor(chosen / 65536) * 32384) / 65536)
  let b = Math.floor(((chosen % 65536) * 32384) / 65536)
  const found = [a]
  for (let i = 1; i <= 6; i++) {
    a = (a + b) % 32384
    b = (b + i) % 32384
    found.push(a)
  }
  return found
}
