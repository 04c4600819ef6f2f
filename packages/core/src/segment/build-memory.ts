import { bloomBytes } from "../bloom/bloom-pages.ts"
import { CHUNK } from "../docset/container.ts"
import { RUN_PAGE_BYTES } from "../pages/page.ts"
import { numbersPerPage, rowsPerPage } from "./column-writer.ts"
import { vidMapBytes } from "./vid-map.ts"

/*
 * What it takes to make a segment, in bytes and at most. The engine starts no merge that takes more
 * than its share of the budget, and has writers wait before a flush does.
 */

const KIB = 2 ** 10
const MIB = 2 ** 20

/**
 * Writing a tree: a chunk of ordinals (128 KiB); the open leaf, with 4,096 values, 64 KiB of
 * strings and 16,384 ordinals (256); a page as it grows (64); containers and their page (64); a
 * node of each level (128).
 */
const TREE_BYTES = 640 * KIB
/** Reading containers, for all inputs together: a chunk of ordinals. */
const SCRATCH_BYTES = 4 * CHUNK
/**
 * Reading a tree, for each input: the leaf at hand and where the ordinals of its values begin, its
 * strings with their prefix, and a page of postings.
 */
const CURSOR_BYTES = 112 * KIB
/** Pages that are finished between two looks at whether it is time to write. */
const PENDING_BYTES = 64 * KIB
/** Pages of one kind that an input is read ahead by, at most. */
const MAX_READ_AHEAD = 32

/** What counts of a segment that is merged: not its dead, whose number changes. */
export interface InputSize {
  /** Records, dead ones included. */
  readonly size: number
  /** Distinct values of the field that has most. */
  readonly maxDistinct: number
  /** Elements of the longest array of any field, 0 without arrays. */
  readonly maxArray: number
}

/** What counts of a memtable that is flushed. */
export interface MemtableSize {
  /** Records, dead ones included. */
  readonly size: number
  readonly fields: readonly {
    readonly distinct: number
    /** Elements of all arrays together. */
    readonly elements: number
    readonly maxArray: number
  }[]
}

/** How much is handed to the store at a time, of a share of the memory budget. */
export function writeBytesOf(shareBytes: number): number {
  return Math.min(MIB, Math.max(32 * KIB, Math.floor(shareBytes / 32)))
}

/** What is pending, what is being written, and a copy of that on its way between threads. */
function sinkBytes(shareBytes: number): number {
  return 3 * writeBytesOf(shareBytes) + PENDING_BYTES
}

/**
 * Writing a column of so many records and numbers: lengths; numbers; the page open, packed and
 * finished; the directory.
 */
function columnBytes(size: number, numbers: number, maxArray: number): number {
  const page = Math.min(numbers, numbersPerPage(maxArray))
  // Three plain numbers for each page, in arrays that grow.
  const directory = 36 * Math.ceil(size / rowsPerPage(maxArray))
  return 8 * rowsPerPage(maxArray) + 16 * page + directory
}

/** One bit for each record. */
function bits(records: number): number {
  return Math.ceil(records / 8)
}

/**
 * What a merge takes beside the pages that it reads ahead. It never is more for the merged segment
 * alone than it was for these, so what a merge has made can be written anew within the same share.
 * @param shareBytes of the memory budget, for merging
 */
export function mergeBytes(inputs: readonly InputSize[], shareBytes: number): number {
  let records = 0
  let limit = 0
  let maxArray = 0
  for (const input of inputs) {
    records += input.size
    limit += valuesOf(input)
    maxArray = Math.max(maxArray, input.maxArray)
  }
  let maps = 0
  for (const input of inputs) maps += vidMapBytes(valuesOf(input), limit)
  // One after another: values, rows of the column; then ids, which have no maps.
  const values = maps + bloomBytes(limit) + SCRATCH_BYTES + TREE_BYTES
  // The page that is read, also on its way between threads.
  const numbers = records * Math.max(1, maxArray)
  const page = 10 * Math.min(numbers, numbersPerPage(maxArray))
  const rows = maps + columnBytes(records, numbers, maxArray) + page
  const ids = bloomBytes(records) + SCRATCH_BYTES + TREE_BYTES
  // The live sets as they are when it begins, ranks of the ordinals, and long postings.
  const ordinals = 2 * bits(records) + Math.ceil(records / 64)
  const cursors = inputs.length * CURSOR_BYTES
  return Math.max(values, rows, ids) + ordinals + cursors + sinkBytes(shareBytes)
}

/** A segment without a field has one value in it, `missing`. */
function valuesOf({ maxDistinct }: InputSize): number {
  return Math.max(1, maxDistinct)
}

/** How the inputs of a merge are read, in what is left to it for that. */
export interface ReadAhead {
  /** For pages that have been read. */
  readonly cacheBytes: number
  /** Pages of one kind that each input may read at once. */
  readonly pages: number
}

/** Each input reads leaves and postings; one batch at a time is held twice on its way here. */
export function readAhead(bytes: number, inputs: number): ReadAhead {
  const batches = 2 * inputs + 2
  const pages = Math.floor(bytes / (batches * RUN_PAGE_BYTES))
  const cacheBytes = Math.max(1, Math.floor((bytes * 2 * inputs) / batches))
  return { cacheBytes, pages: Math.min(MAX_READ_AHEAD, pages) }
}

/**
 * What a flush takes beside the memtable.
 * @param shareBytes of the memory budget, for a memtable
 */
export function flushBytes({ size, fields }: MemtableSize, shareBytes: number): number {
  // Ids in order, the same as they are sorted, and their first bytes.
  let most = 10 * size + bloomBytes(size) + TREE_BYTES
  for (const { distinct, elements, maxArray } of fields) {
    const numbers = size + elements
    const entries = 4 * numbers
    const sort = 32 * distinct
    const count = 24 * distinct + entries
    const values = 12 * distinct + entries + bloomBytes(distinct) + TREE_BYTES
    const rows = 12 * distinct + entries + columnBytes(size, numbers, maxArray)
    most = Math.max(most, sort, count, values, rows)
  }
  // The ordinals of what is live, and the live set.
  return most + 4 * size + 2 * bits(size) + sinkBytes(shareBytes)
}
