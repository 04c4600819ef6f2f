import { Context } from "mingo/core"
import {
  $all,
  $and,
  $elemMatch,
  $eq,
  $exists,
  $gt,
  $gte,
  $in,
  $lt,
  $lte,
  $ne,
  $nin,
  $nor,
  $not,
  $or,
  $regex,
  $size,
  $type,
} from "mingo/operators/query"
import { Query } from "mingo/query"
import type { AnyObject, Options } from "mingo/types"

/** A query operator of mingo: compiles `{ [path]: { $operator: operand } }` to a test. */
type Operator = (path: string, operand: unknown, options: Options) => (record: AnyObject) => boolean

type Operators = Record<`$${string}`, Operator>

/** One place where mingo, left alone, does not answer as tierdex promises to. */
interface Correction {
  readonly reason: string
  /** Rewrites a field's name or path, in records and filters alike. */
  readonly name?: (name: string) => string
  /** Rewrites a string value, in records and filters alike. */
  readonly text?: (text: string) => string
  /** Operators on fields to add or to replace. */
  readonly operators?: Operators
  /** The part of a record that a path is looked up in. */
  readonly view?: (record: AnyObject, path: string) => AnyObject
}

const utf8 = (text: string) => Buffer.from(text, "utf8").toString("latin1")

/**
 * All that stands between mingo's answers and the right ones. What is not named here is decided
 * by mingo: equality, type bracketing, how arrays match, `$elemMatch`, negation, logic.
 */
export const corrections = {
  names: {
    reason:
      "mingo drops a condition on `__proto__`, reads a `constructor` property as a value's type, " +
      "and finds `n.getTime` in a date. tierdex: names are names. So each part gets a mark.",
    name: (name) => name.replace(/^|(?<=\.)/g, "_"),
  },
  arraysHaveNoPaths: {
    reason:
      "mingo looks into arrays for a path below one, by position or in each element, and finds " +
      "`[]` where no element has it. tierdex: arrays hold no objects, a numeric part is a key, " +
      "and a path below an array is missing, as it is in an empty record.",
    view: (record, path) => (crossesArray(record, path) ? {} : record),
  },
  textAsBytes: {
    reason:
      "mingo orders strings by UTF-16 units. MongoDB and tierdex: by UTF-8 bytes. So a string " +
      "becomes its bytes, one character of U+0000 to U+00FF each: unequal ones stay unequal.",
    text: utf8,
  },
  boundsOfNull: {
    reason:
      "mingo finds no missing field with `$gte: null` and `$lte: null`. MongoDB: nothing is less " +
      "or greater than null, and both mean `$eq: null`.",
    operators: {
      $gte: (path, bound, options) => (bound === null ? $eq : $gte)(path, bound, options),
      $lte: (path, bound, options) => (bound === null ? $eq : $lte)(path, bound, options),
    },
  },
  allOfScalars: {
    reason:
      "mingo's `$all` wants an array in the record. MongoDB: it is `$eq` of each operand at once, " +
      "so one operand matches a scalar too, and null a missing field.",
    operators: {
      $all: (path, operand, options) => {
        const operands = operand as readonly unknown[]
        if (operands.length === 0) return $all(path, operands, options)
        const tests = operands.map((each) =>
          isPlainObject(each)
            ? elemMatch(path, each.$elemMatch, options)
            : $eq(path, each, options),
        )
        return (record) => tests.every((test) => test(record))
      },
    },
  },
  prefix: {
    reason: "`$prefix` is not MongoDB's: a `$regex` whose pattern stands for itself.",
    operators: {
      $prefix: (path, operand, options) => {
        const pattern = String(operand).replace(/./gs, (unit) => {
          return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`
        })
        return $regex(path, new RegExp(`^${pattern}`), options)
      },
    },
  },
  between: {
    reason: "`$between` is not MongoDB's: two bounds on one value, the field's or an element's.",
    operators: {
      $between: (path, operand, options) => {
        const [least, greatest] = operand as readonly unknown[]
        const isArray = $type(path, "array", options)
        const element = elemMatch(path, { $gte: least, $lte: greatest }, options)
        const above = $gte(path, least, options)
        const below = $lte(path, greatest, options)
        return (record) => (isArray(record) ? element(record) : above(record) && below(record))
      },
    },
  },
} satisfies Record<string, Correction>

export type CorrectionName = keyof typeof corrections

const fieldOperators: Operators = {
  $all,
  $elemMatch: elemMatch,
  $eq,
  $exists,
  $gt,
  $gte,
  $in,
  $lt,
  $lte,
  $ne,
  $nin,
  $size,
}

/** Whether a record matches a filter: the reference answer, from mingo. */
export function matches(filter: object, record: object): boolean {
  return matcher(filter)(record)
}

/**
 * A filter as a test of records. The filter must be one that tierdex accepts. `without` leaves a
 * correction out, to show that it is needed.
 */
export function matcher(filter: object, without?: CorrectionName): (record: object) => boolean {
  const used: Correction[] = Object.entries(corrections)
    .filter(([name]) => name !== without)
    .map(([, correction]) => correction)
  const fields = { ...fieldOperators }
  for (const { operators } of used) Object.assign(fields, operators)
  const views = used.flatMap((correction) => correction.view ?? [])
  for (const [name, compile] of Object.entries(fields)) {
    fields[name as `$${string}`] = (path, operand, options) => {
      const test = compile(path, operand, options)
      return (record) => test(views.reduce((seen, view) => view(seen, path), record))
    }
  }
  const context = Context.init({ query: { ...fields, $and, $nor, $not, $or } })
  const query = new Query(translateObject(filter, used), { context })
  return (record) => query.test(translateObject(record, used))
}

function elemMatch(path: string, operand: unknown, options: Options) {
  return $elemMatch(path, operand as AnyObject, options)
}

/** A filter or a record with its names and strings rewritten; operators keep their names. */
function translateObject(object: object, used: readonly Correction[]): AnyObject {
  const rename = (name: string) =>
    used.reduce((renamed, correction) => correction.name?.(renamed) ?? renamed, name)
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      name.startsWith("$") ? name : rename(name),
      translate(value, used),
    ]),
  )
}

function translate(value: unknown, used: readonly Correction[]): unknown {
  if (typeof value === "string") {
    return used.reduce((text, correction) => correction.text?.(text) ?? text, value)
  }
  if (Array.isArray(value)) return value.map((element) => translate(element, used))
  return isPlainObject(value) ? translateObject(value, used) : value
}

function crossesArray(record: AnyObject, path: string): boolean {
  const parts = path.split(".")
  let value: unknown = record
  for (const part of parts.slice(0, -1)) {
    if (!isPlainObject(value) || !Object.hasOwn(value, part)) return false
    value = value[part]
    if (Array.isArray(value)) return true
  }
  return false
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)
  )
}
