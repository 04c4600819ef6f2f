/** How much of a string an error message quotes. */
const MAX_QUOTED = 80

/** Whether a value is an object of keys and values: no array, no instance of a class. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || isForeignPlain(prototype)
}

/** Object.prototype of another realm, as of `node:vm`. */
function isForeignPlain(prototype: unknown): boolean {
  return (
    typeof prototype === "object" &&
    prototype !== null &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, "isPrototypeOf")
  )
}

/** What a value is, in the words of an error message: `an array`, `NaN`, `an instance of Map`. */
export function describe(value: unknown): string {
  if (value === null || value === undefined || Number.isNaN(value)) return String(value)
  if (Array.isArray(value)) return "an array"
  if (isPlainObject(value)) return "an object"
  if (value instanceof Date && Number.isNaN(value.getTime())) return "an invalid date"
  if (typeof value !== "object") return `a ${typeof value}`
  const name: unknown = value.constructor?.name
  return typeof name === "string" && name !== ""
    ? `an instance of ${name}`
    : "an instance of a class"
}

/** A value as an error message quotes it: `"a..b"` and `-1`, but `an array`. */
export function quoted(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, MAX_QUOTED))
  return typeof value === "number" ? String(value) : describe(value)
}
