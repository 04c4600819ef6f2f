import { expectTypeOf } from "vitest"
import type { Filter, Path, PathValue } from "../../src/filter/types.ts"

interface Maker {
  country: string
  address?: { city: string; zip: string | null }
}

interface Product {
  category: "books" | "music"
  price: number
  discount?: number
  owner: string | null
  tags: string[]
  ratings: readonly (number | null)[]
  createdAt: Date
  active: boolean
  maker: Maker
  labels: Record<string, string>
  extra: unknown
  embedding: Float32Array
  parts: { name: string }[]
  render: () => void
}

function accept<T>(_filter: Filter<T>): void {}

// Paths are the fields that can be indexed, dotted below plain objects.
expectTypeOf<Path<Product>>().toEqualTypeOf<
  | "category"
  | "price"
  | "discount"
  | "owner"
  | "tags"
  | "ratings"
  | "createdAt"
  | "active"
  | "maker"
  | "maker.country"
  | "maker.address"
  | "maker.address.city"
  | "maker.address.zip"
  | "labels"
  | `labels.${string}`
  | "extra"
  | `extra.${string}`
>()
expectTypeOf<PathValue<Product, "maker.country">>().toEqualTypeOf<string>()
expectTypeOf<PathValue<Product, "maker.address.city">>().toEqualTypeOf<string | undefined>()
expectTypeOf<PathValue<Product, "tags">>().toEqualTypeOf<string[]>()
expectTypeOf<PathValue<Product, "labels.colour">>().toEqualTypeOf<string | undefined>()
expectTypeOf<PathValue<Product, "extra.anything">>().toEqualTypeOf<unknown>()

accept<Product>({})
accept<Product>({
  category: "books",
  price: { $gte: 10, $lt: 20, $between: [1, 2], $not: { $in: [15] } },
  tags: { $all: ["new"], $size: 2, $prefix: "n" },
  ratings: { $elemMatch: { $gt: 3, $lt: 5 } },
  createdAt: { $gt: new Date(0), $between: [new Date(0), new Date(1)] },
  "maker.country": { $in: ["de", "fr"] },
  "maker.address.zip": null,
  "maker.address": { $exists: true },
  "labels.colour": "red",
  "extra.deep.down": { $ne: 5, $prefix: "a", $size: 1 },
  $or: [{ active: true }, { $and: [{ discount: null }, { owner: null }] }],
  $nor: [{ active: false }],
})
// An array field is asked about its elements.
accept<Product>({ tags: "new" })
accept<Product>({ tags: { $ne: "old" }, ratings: null })
accept<Product>({ category: { $gt: "b", $prefix: "bo" } })

// @ts-expect-error: no such field
accept<Product>({ categories: "books" })
// @ts-expect-error: no such field below
accept<Product>({ "maker.name": "x" })
// @ts-expect-error: a number is not a string
accept<Product>({ category: 5 })
// @ts-expect-error: not one of the literals
accept<Product>({ category: "toys" })
// @ts-expect-error: a string is not a number
accept<Product>({ price: { $gt: "10" } })
// @ts-expect-error: never null
accept<Product>({ price: null })
// @ts-expect-error: not an element
accept<Product>({ tags: { $all: [1] } })
// @ts-expect-error: no such operator
accept<Product>({ price: { $gtt: 1 } })
// @ts-expect-error: a prefix of a number
accept<Product>({ price: { $prefix: "1" } })
// @ts-expect-error: the size of a string
accept<Product>({ owner: { $size: 1 } })
// @ts-expect-error: elements of a number
accept<Product>({ price: { $elemMatch: { $gt: 1 } } })
// @ts-expect-error: bounds of two types
accept<Product>({ owner: { $between: ["a", 1] } })
// @ts-expect-error: arrays are not compared as a whole
accept<Product>({ tags: ["new"] })
// @ts-expect-error: nor are objects
accept<Product>({ maker: { country: "de" } })
// @ts-expect-error: a list of filters
accept<Product>({ $or: { active: true } })
// @ts-expect-error: wrong operand deep inside
accept<Product>({ $or: [{ $and: [{ price: "1" }] }] })
// @ts-expect-error: undefined would match too much
accept<Product>({ owner: undefined })
// @ts-expect-error: not indexable
accept<Product>({ embedding: 1 })
// @ts-expect-error: not indexable
accept<Product>({ parts: { $exists: true } })

// A type that contains itself: typed to its second level, then any path.
interface Category {
  name: string
  parent?: Category
  left: Category | null
}
accept<Category>({ "parent.name": "a", "left.parent.name": { $prefix: "b" } })
accept<Category>({ "parent.parent.parent.parent.whatever": 1, parent: null })
// @ts-expect-error: typed as far as that
accept<Category>({ "parent.name": 5 })
// @ts-expect-error: typed as far as that
accept<Category>({ "parent.title": "a" })
expectTypeOf<PathValue<Category, "parent.parent.left.name">>().toEqualTypeOf<string | undefined>()

interface User {
  name: string
  posts: Post
  friend: User
  group: Group
}
interface Post {
  title: string
  author: User
  group: Group
}
interface Group {
  owner: User
  latest: Post
  parent: Group
}
accept<User>({ "posts.author.name": "a", "group.latest.author.name": "b" })

// Seven objects deep is typed, below the eighth part any path goes.
interface Deep {
  a: { b: { c: { d: { e: { f: { g: { h: { i: { j: number } } } } } } } } }
}
accept<Deep>({ "a.b.c.d.e.f.g.h": { $exists: true }, "a.b.c.d.e.f.g.h.x": "anything" })
// @ts-expect-error: within the depth
accept<Deep>({ "a.b.c.x": 1 })

// A union has the fields of all its members.
type Shape = { kind: "circle"; radius: number } | { kind: "square"; side: number }
accept<Shape>({ kind: "circle", radius: { $gt: 1 }, side: null })
// @ts-expect-error: of no member
accept<Shape>({ height: 1 })
interface Mixed {
  value: string | number | Date
  target: string | { id: number }
}
accept<Mixed>({
  value: { $in: ["a", 1, new Date(0)], $between: [1, 2] },
  "target.id": 1,
  target: "x",
})
// @ts-expect-error: not in the union
accept<Mixed>({ value: true })

// All properties optional, number keys, branded strings.
type Sku = string & { readonly brand: "sku" }
interface Loose {
  nested?: { a?: number; b?: string }
  byYear?: { 2024: number }
  sku?: Sku
}
accept<Loose>({ "nested.a": null, "byYear.2024": 1, sku: { $prefix: "s" } })
// @ts-expect-error: no such field below
accept<Loose>({ "nested.c": 1 })
// @ts-expect-error: no brand
accept<Loose>({ sku: "s-1" })

// Records of unknown shape.
accept<Record<string, unknown>>({
  any: { $gt: 1 },
  "some.path": "x",
  $or: [{ a: 1 }, { b: { $elemMatch: { $gt: 1 } } }],
})
const untyped: Filter = { a: 1, b: null, c: { $exists: false }, d: new Date(0) }
accept<Record<string, unknown>>(untyped)
// biome-ignore lint/suspicious/noExplicitAny: `any` must be comfortable too
accept<any>({ a: 1, "b.c": { $lt: "x" } })
// @ts-expect-error: no such operator
accept<Record<string, unknown>>({ price: { $gtt: 1 } })
// @ts-expect-error: an object is not an operand
accept<Record<string, unknown>>({ price: { nested: 1 } })
accept<{ known: number; [key: string]: unknown }>({ known: 1, other: { $prefix: "o" } })

// The keys of a dictionary of objects may be paths.
interface Translated {
  texts: Record<string, { title: string }>
}
accept<Translated>({ "texts.de.title": "a", "texts.fr": { $exists: true } })
