import type { Steps } from "../cache/steps.ts"
import {
  CHUNK,
  type ContainerType,
  containerType,
  decodeContainer,
  encodeContainer,
} from "../docset/container.ts"
import type { FileAddress } from "../pages/keys.ts"
import { type PageReader, PageWriter, RUN_PAGE_BYTES } from "../pages/page.ts"
import type { PageFile } from "../pages/page-file.ts"
import type { PageSink } from "../pages/page-sink.ts"
import type { PostingsRef } from "./leaf.ts"

const DIRECTORY_BYTES = 8
const FIXED_BYTES = 24

/** A container as it lies in a page. */
export interface Container {
  /** The ordinals are these 16-bit numbers plus `chunk * CHUNK`. */
  readonly chunk: number
  readonly type: ContainerType
  readonly count: number
  readonly bytes: Uint8Array
}

/**
 * Long postings, in pages of their own: for each chunk of 65,536 ordinals a container. Containers
 * of one value follow each other; several values share a page.
 *
 * Layout: u32 containers; for each u8 chunk, u8 type, u16 count - 1, u32 end in the heap; the
 * heap, each container aligned to 4.
 */
export class PostingsWriter {
  readonly #sink: PageSink
  readonly #file: FileAddress
  readonly #page = new PageWriter()
  #containers: Container[] = []
  #size = FIXED_BYTES
  #pages = 0
  // Of the value that is being written.
  readonly #lows = new Uint16Array(CHUNK)
  #lowCount = 0
  #chunk = 0
  #count = 0
  #start: { page: number; container: number } | undefined

  constructor(sink: PageSink, file: FileAddress) {
    this.#sink = sink
    this.#file = file
  }

  /** Adds ordinals of the current value, ascending over all calls for it. */
  add(ordinals: Uint32Array, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const chunk = ordinals[i] >>> 16
      if (chunk !== this.#chunk) {
        this.#endChunk()
        this.#chunk = chunk
      }
      this.#lows[this.#lowCount++] = ordinals[i]
    }
    this.#count += to - from
  }

  /** Ends the current value. */
  end(): PostingsRef {
    this.#endChunk()
    const { page, container } = this.#start ?? { page: 0, container: 0 }
    const ref = { page, container, pages: this.#pages - page + 1, count: this.#count }
    this.#start = undefined
    this.#count = 0
    this.#chunk = 0
    return ref
  }

  /** Writes the last page. */
  finish(): void {
    if (this.#containers.length > 0) this.#writePage()
  }

  #endChunk(): void {
    if (this.#lowCount === 0) return
    const { type, bytes } = encodeContainer(this.#lows, this.#lowCount)
    const size = DIRECTORY_BYTES + Math.ceil(bytes.length / 4) * 4
    if (this.#size + size > RUN_PAGE_BYTES && this.#containers.length > 0) this.#writePage()
    this.#start ??= { page: this.#pages, container: this.#containers.length }
    this.#containers.push({ chunk: this.#chunk, type, count: this.#lowCount, bytes })
    this.#size += size
    this.#lowCount = 0
  }

  #writePage(): void {
    const page = this.#page
    page.u32(this.#containers.length)
    let end = 0
    for (const { chunk, type, count, bytes } of this.#containers) {
      page.u8(chunk)
      page.u8(type)
      page.u8(count - 1)
      page.u8((count - 1) >>> 8)
      end += bytes.length
      page.u32(end)
      end = Math.ceil(end / 4) * 4
    }
    for (const { bytes } of this.#containers) {
      page.raw(bytes)
      page.align(4)
    }
    this.#sink.put(this.#file, this.#pages++, page)
    this.#containers = []
    this.#size = FIXED_BYTES
  }
}

/** A decoded page of containers. */
export class PostingsPage {
  readonly containers: readonly Container[]
  readonly byteLength: number

  constructor(page: PageReader) {
    const length = page.u32()
    const directory: { chunk: number; type: ContainerType; count: number; end: number }[] = []
    for (let i = 0; i < length; i++) {
      const chunk = page.u8()
      const type = containerType(page.u8())
      const count = page.u8() + page.u8() * 256 + 1
      directory.push({ chunk, type, count, end: page.u32() })
    }
    let start = 0
    this.containers = directory.map(({ chunk, type, count, end }) => {
      const bytes = page.raw(end - start)
      page.align(4)
      start = Math.ceil(end / 4) * 4
      return { chunk, type, count, bytes }
    })
    this.byteLength = page.bytes.length + length * 160
  }
}

/** Hands each container of a value to `take`, in order of their chunks. */
export function* readPostings(
  file: PageFile<PostingsPage>,
  ref: PostingsRef,
  take: (container: Container) => void,
): Steps<void> {
  yield* file.prefetch(ref.page, ref.pages)
  let left = ref.count
  let at = ref.container
  for (let number = ref.page; left > 0; number++) {
    const page = file.cached(number) ?? (yield* file.read(number))
    for (; at < page.containers.length && left > 0; at++) {
      const container = page.containers[at]
      take(container)
      left -= container.count
    }
    at = 0
  }
}

/** All ordinals of a value, ascending. */
export function* readPostingsArray(
  file: PageFile<PostingsPage>,
  ref: PostingsRef,
): Steps<Uint32Array> {
  const out = new Uint32Array(ref.count)
  let at = 0
  yield* readPostings(file, ref, ({ type, bytes, count, chunk }) => {
    at = decodeContainer(type, bytes, count, chunk * CHUNK, out, at)
  })
  return out
}
