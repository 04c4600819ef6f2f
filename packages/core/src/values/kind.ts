/**
 * The type of a stored value. The numbers are the order across types, as in MongoDB, and part of
 * the format. A record without a field has the kind `missing` there; an array field with elements
 * has no kind of its own: each element is a value; a nested plain object has the kind `object` at
 * its own path, and its properties are fields with dotted paths.
 */
export const Kind = {
  emptyArray: 0,
  missing: 1,
  null: 2,
  number: 3,
  string: 4,
  object: 5,
  boolean: 6,
  date: 7,
} as const

export type Kind = (typeof Kind)[keyof typeof Kind]

/** One more than the greatest kind. */
export const KIND_COUNT = 8

/** What a caller may store in a field, besides arrays of these and nested plain objects. */
export type Scalar = null | boolean | number | string | Date

/**
 * A value as the index compares it.
 *
 * - number: the number, never NaN nor -0; date: milliseconds; boolean: 0 or 1.
 * - string: its UTF-8 bytes, which order as `Buffer.compare` does.
 * - all other kinds have a single value, with the payload 0.
 */
export interface Value {
  readonly kind: Kind
  readonly payload: number | Uint8Array
}
