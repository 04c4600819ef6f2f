import { invalidOption } from "./errors.ts"

/**
 * Throws unless each of these options is left out or an integer from its least to its most.
 * @param factory the function that took the options
 */
export function checkIntegers<O extends object>(
  factory: string,
  options: O,
  bounds: { readonly [K in keyof O]?: readonly [least: number, most: number] },
): void {
  for (const name in bounds) {
    const [least, most] = bounds[name] ?? []
    const value: unknown = options[name]
    if (least === undefined || most === undefined || value === undefined) continue
    if (Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most) continue
    throw invalidOption(factory, name, `an integer from ${least} to ${most}`)
  }
}
