/** What the example indexes. */
export interface Order {
  readonly customer: string
  readonly total: number
  readonly status: "open" | "paid" | "shipped"
  readonly tags: readonly string[]
  readonly placedAt: Date
}

const STATUS = ["open", "paid", "shipped"] as const
const TAGS = ["gift", "express", "abroad"]
const FIRST_DAY = Date.UTC(2026, 0, 1)

/** The order of a number, always the same. */
export function orderOf(n: number): readonly [id: string, Order] {
  return [
    `order-${n}`,
    {
      customer: `customer-${(n * 7_919) % 997}`,
      total: ((n * 104_729) % 50_000) / 100,
      status: STATUS[n % 3],
      tags: TAGS.filter((_, i) => (n >> i) % 2 === 1),
      placedAt: new Date(FIRST_DAY + n * 60_000),
    },
  ]
}

/** The orders from one number up to another, which is not among them. */
export function orders(from: number, to: number): (readonly [id: string, Order])[] {
  return Array.from({ length: to - from }, (_, i) => orderOf(from + i))
}
