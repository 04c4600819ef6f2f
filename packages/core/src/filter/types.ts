import type { Scalar } from "../values/kind.ts"

/**
 * The fields of a record type that can be named in a filter, a sort, a selection: `"price"`,
 * `"maker.country"`.
 *
 * Typed to a depth of 8 parts; below that any path is accepted. In a type that leads back to one
 * around it, such as a category with a parent category, paths end after its own fields in the same
 * way: `parent.name` is typed, `parent.parent.name` is any path. So is any path below a field of type `unknown`. A property that
 * cannot be indexed by its type (a function, a `Map`, an array of objects, a typed array) has no
 * path. `Record<string, unknown>` and `any` accept every path.
 */
export type Path<T> = IsAny<T> extends true ? string : PathsOf<T, never, false, []>

/**
 * The declared type of the field at a path, with `undefined` if it or an object around it is
 * optional; `unknown` where the path is not known to the type.
 */
export type PathValue<T, P extends string> =
  IsAny<T> extends true
    ? unknown
    : T extends null | undefined | Opaque
      ? undefined
      : P extends `${infer Head}.${infer Rest}`
        ? PathValueBelow<Property<T, Head>, Rest>
        : Property<T, P>

/**
 * A question about records, in MongoDB's terms. All parts of it must hold; `{}` matches every
 * record.
 *
 * A field is compared with a value (`{ category: "books" }`) or with operators
 * (`{ price: { $gte: 10, $lt: 20 } }`). An array field matches if one of its elements does.
 * Values compare within one type only. `null` also means "no such field", and is accepted where
 * the type says that the field may be null or missing.
 */
export type Filter<T = Record<string, unknown>> =
  string extends Path<T> ? UntypedFilter : FieldFilters<T> & LogicalOperators<Filter<T>>

/** What may be said of a field of the declared type `V`. */
export type Condition<V> = Operand<V> | FieldOperators<V>

/** The values that a field of the declared type `V` may be compared with. */
export type Operand<V> = ScalarOf<V> | (undefined extends V ? null : never)

/** The scalars that a field of the declared type `V` holds; of an array, its elements. */
export type ScalarOf<V> =
  IsUnknown<V> extends true
    ? Scalar
    : V extends Scalar
      ? V
      : V extends readonly (infer E)[]
        ? IsUnknown<E> extends true
          ? Scalar
          : Extract<E, Scalar>
        : never

/** The operators on one field. Several of them must all hold, each by any element of an array. */
export interface FieldOperators<V> extends Comparison<V> {
  /** True: the record has the field, be it null. False: it has not. */
  readonly $exists?: boolean
  /** Every one of these is the value or an element of it. An empty list matches nothing. */
  readonly $all?: readonly (Operand<V> | { readonly $elemMatch: ElementOperators<V> })[]
  /** An array of exactly this many elements. */
  readonly $size?: IfArray<V, number>
  /** An array with one element that meets all of these. */
  readonly $elemMatch?: IfArray<V, ElementOperators<V>>
  /** These do not hold together; also matches records without the field. */
  readonly $not?: FieldOperators<V>
}

/** The operators on one element of an array: all of them must hold for the same element. */
export interface ElementOperators<V> extends Comparison<V> {
  readonly $not?: ElementOperators<V>
}

/** Comparisons. Ranges compare values of the operand's type only. */
export interface Comparison<V> {
  readonly $eq?: Operand<V>
  /** Also matches records without the field, unless the operand is null. */
  readonly $ne?: Operand<V>
  readonly $gt?: Widened<Operand<V>>
  readonly $gte?: Widened<Operand<V>>
  readonly $lt?: Widened<Operand<V>>
  readonly $lte?: Widened<Operand<V>>
  readonly $in?: readonly Operand<V>[]
  /** Also matches records without the field, unless null is listed. */
  readonly $nin?: readonly Operand<V>[]
  /** From the first to the second, both included; of an array, by a single element. */
  readonly $between?: Bounds<Operand<V>>
  /** Strings that begin with this one. */
  readonly $prefix?: [Extract<ScalarOf<V>, string>] extends [never] ? never : string
}

/** Combinations of whole filters. */
export interface LogicalOperators<F> {
  readonly $and?: readonly F[]
  readonly $or?: readonly F[]
  /** None of these. */
  readonly $nor?: readonly F[]
}

/** A filter over records of unknown shape: any path, any operand. Checked when it is used. */
export interface UntypedFilter extends LogicalOperators<UntypedFilter> {
  readonly [path: string]: Condition<unknown> | readonly UntypedFilter[] | undefined
}

type FieldFilters<T> = { readonly [P in Path<T>]?: Condition<PathValue<T, P>> }

/** Values that are no plain objects: never looked into. */
// biome-ignore lint/complexity/noBannedTypes: any function at all is meant
type Opaque = Scalar | bigint | symbol | Function | readonly unknown[] | ArrayBufferView | BuiltIn

type BuiltIn =
  | ArrayBuffer
  | Promise<unknown>
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | RegExp

/** `Seen`: the types around this one. `Shallow`: objects in it are not entered. */
type PathsOf<T, Seen, Shallow extends boolean, Depth extends readonly 0[]> = T extends Opaque
  ? never
  : {
      [K in keyof T & (string | number)]: FieldPaths<
        `${K}`,
        Exclude<T[K], null | undefined>,
        Seen | Exactly<T>,
        Shallow,
        readonly [...Depth, 0]
      >
    }[keyof T & (string | number)]

type FieldPaths<
  K extends string,
  V,
  Seen,
  Shallow extends boolean,
  Depth extends readonly 0[],
> = string extends K
  ? string
  : [V] extends [never]
    ? K
    : IsUnknown<V> extends true
      ? K | `${K}.${string}`
      : V extends Scalar
        ? K
        : V extends readonly (infer E)[]
          ? IsUnknown<E> extends true
            ? K
            : [Extract<E, Scalar>] extends [never]
              ? never
              : K
          : V extends Opaque
            ? never
            : K | `${K}.${Shallow extends true ? string : PathsBelow<V, Seen, Depth>}`

/** Stopping at the first way back keeps the paths of many types that name each other few. */
type PathsBelow<V, Seen, Depth extends readonly 0[]> = Depth["length"] extends 8
  ? string
  : PathsOf<V, Seen, LeadsBack<V, Seen | Exactly<V>>, Depth>

/** Whether an object in it is of a type in `Seen`. */
type LeadsBack<V, Seen> = true extends {
  [K in keyof V]-?: IsSeen<Exclude<V[K], Opaque | null | undefined>, Seen>
}[keyof V]
  ? true
  : false

type IsSeen<V, Seen> = [V] extends [never] ? false : Exactly<V> extends Seen ? true : false

/** Assignable to another only if the two types are the same. */
type Exactly<T> = (value: T) => T

type PathValueBelow<V, Rest extends string> =
  IsUnknown<V> extends true ? unknown : PathValue<V, Rest>

type Property<T, K extends string> = string extends keyof T
  ? IndexedProperty<T[keyof T]>
  : string extends K
    ? unknown
    : K extends keyof T
      ? T[K]
      : K extends `${infer N extends number}`
        ? N extends keyof T
          ? T[N]
          : undefined
        : undefined

/** Of an index signature: a key of it may stand for a path into an object. */
type IndexedProperty<V> = [V] extends [Opaque | null | undefined] ? V | undefined : unknown

type Widened<S> = S extends string
  ? string
  : S extends number
    ? number
    : S extends boolean
      ? boolean
      : S

type Bounds<S> = [Widened<S>] extends [infer W]
  ? Pair<W, string> | Pair<W, number> | Pair<W, boolean> | Pair<W, Date>
  : never

type Pair<S, K> = [Extract<S, K>] extends [never] ? never : readonly [from: K, to: K]

type IfArray<V, Then> =
  IsUnknown<V> extends true ? Then : [Extract<V, readonly unknown[]>] extends [never] ? never : Then

type IsAny<T> = 0 extends 1 & T ? true : false

/** True for `unknown`, `any`, `object` and `{}`, which say nothing about properties. */
type IsUnknown<T> = unknown extends T ? true : [keyof T, object] extends [never, T] ? true : false
