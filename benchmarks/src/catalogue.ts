import { mix } from "./mix.ts"
import { Random, Zipf } from "./random.ts"

/** A product of an invented shop. */
export interface CatalogueRecord {
  /** One of 50, skewed: the commonest holds 22% of the records, the rarest 0.4%. */
  readonly category: string
  /** One of 5,000, each as common. */
  readonly brand: string
  /** One of 100,000 numbers, 0.01 to 1000, each as common. */
  readonly price: number
  /** 0 to 100. */
  readonly stock: number
  /** 0 to 5 in steps of 0.1. */
  readonly rating: number
  /** Rises from record to record, by 1 to 1,000 ms. */
  readonly createdAt: Date
  /** 1 to 3 different ones of 200. */
  readonly tags: readonly string[]
}

export type CatalogueEntry = readonly [id: string, record: CatalogueRecord]

const CATEGORIES = 50
const BRANDS = 5_000
const PRICES = 100_000
const TAGS = 200
const FIRST_MS = Date.UTC(2020, 0, 1)

const categoryRanks = new Zipf(CATEGORIES)
const tagNames = Array.from({ length: TAGS }, (_, tag) => `tag-${padded(tag, 3)}`)
const categoryNames = Array.from({ length: CATEGORIES }, (_, rank) => `category-${padded(rank, 2)}`)
const brandNames = Array.from({ length: BRANDS }, (_, brand) => `brand-${padded(brand, 4)}`)

/** Generates the records, the same for the same seed. */
export class Catalogue {
  readonly #random: Random
  #index = 0
  #createdMs = FIRST_MS

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  /** The next records with their ids. */
  next(count: number): CatalogueEntry[] {
    return Array.from({ length: count }, () => this.#entry())
  }

  #entry(): CatalogueEntry {
    const random = this.#random
    this.#createdMs += 1 + random.below(1_000)
    const record = {
      category: drawCategory(random),
      brand: drawBrand(random),
      price: (1 + random.below(PRICES)) / 100,
      stock: random.below(101),
      rating: random.below(51) / 10,
      createdAt: new Date(this.#createdMs),
      tags: drawTags(random),
    }
    return [idOf(this.#index++), record]
  }
}

/** A category as often as records have it. */
export function drawCategory(random: Random): string {
  return categoryNames[categoryRanks.draw(random)]
}

export function drawBrand(random: Random): string {
  return brandNames[random.below(BRANDS)]
}

export function drawTag(random: Random): string {
  return tagNames[random.below(TAGS)]
}

/** A range of prices that holds this share of the records. */
export function drawPrices(random: Random, share: number): { $gte: number; $lt: number } {
  const width = Math.round(PRICES * share)
  const from = 1 + random.below(PRICES - width)
  return { $gte: from / 100, $lt: (from + width) / 100 }
}

function drawTags(random: Random): string[] {
  const tags = [drawTag(random)]
  const count = 1 + random.below(3)
  while (tags.length < count) {
    const tag = drawTag(random)
    if (!tags.includes(tag)) tags.push(tag)
  }
  return tags
}

/**
 * The id of the record at a place, from 0: 16 hexadecimal digits in no order, different for each of
 * the first 2^32 places.
 */
export function idOf(index: number): string {
  return hex(mix(index)) + hex(mix(index ^ 0x9e3779b9))
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0")
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, "0")
}
