import { TierdexError } from "./errors.ts"
import { describe, quoted } from "./values/describe.ts"

/**
 * Throws unless options are an object with none but these: one that is misspelt would be left
 * unheard.
 * @param call its name, for messages
 * @param names of its options
 * @throws TIERDEX_INVALID_OPTION
 */
export function checkKnown(call: string, options: unknown, names: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TierdexError(
      "TIERDEX_INVALID_OPTION",
      `The options of ${call} must be an object, not ${describe(options)}.`,
    )
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue
    throw new TierdexError(
      "TIERDEX_INVALID_OPTION",
      `There is no option ${quoted(name)} of ${call}; it takes ${names.join(", ")}.`,
    )
  }
}
