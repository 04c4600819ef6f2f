import { TierdexError } from "../errors.ts"

/** Nesting that a filter may have; a cycle is refused when it reaches it. */
const MAX_DEPTH = 100

/** How much of a place an error message names. */
const MAX_NAME_LENGTH = 300

/** A place in a filter, for error messages: `filter.$or[1].price.$gte`. */
export interface Place {
  readonly outer: Place | undefined
  readonly step: string | number
  readonly depth: number
}

export const ROOT: Place = { outer: undefined, step: "filter", depth: 0 }

/** @throws TIERDEX_INVALID_FILTER if it is too deep */
export function inside(outer: Place, step: string | number): Place {
  if (outer.depth === MAX_DEPTH) {
    throw invalid(outer, `nests over ${MAX_DEPTH} levels deep, or contains itself`)
  }
  return { outer, step, depth: outer.depth + 1 }
}

/** The error for what is at a place. */
export function invalid(place: Place, problem: string): TierdexError {
  return new TierdexError("TIERDEX_INVALID_FILTER", `${nameOf(place)} ${problem}.`)
}

export function nameOf(place: Place): string {
  let name = ""
  for (let at: Place | undefined = place; at !== undefined; at = at.outer) {
    name = (at.outer === undefined ? String(at.step) : nameOfStep(at.step)) + name
  }
  return name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}...` : name
}

function nameOfStep(step: string | number): string {
  if (typeof step === "number") return `[${step}]`
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(step)
    ? `.${step}`
    : `[${JSON.stringify(step)}]`
}
