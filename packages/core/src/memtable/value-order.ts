import type { Cut } from "../values/value-set.ts"
import type { Dictionary } from "./dictionary.ts"

/**
 * The values that a dictionary had at some moment in their order, so that whether one lies in a
 * range is told by its place, without a look at it. Immutable; the numbers of values that came
 * since are `length` and up, and have no place.
 */
export class ValueOrder {
  /** The numbers, in the order of their values. */
  readonly numbers: Uint32Array
  /** By number: its place among them. */
  readonly places: Uint32Array
  readonly #dictionary: Dictionary

  /** @param numbers all of the dictionary that some record has, in the order of their values */
  constructor(dictionary: Dictionary, numbers: Uint32Array) {
    this.#dictionary = dictionary
    this.numbers = numbers
    this.places = placesOf(numbers, dictionary.length)
  }

  get length(): number {
    return this.places.length
  }

  get byteLength(): number {
    const { numbers, places } = this
    return numbers.byteLength + (places === numbers ? 0 : places.byteLength)
  }

  /** How many of the values lie before a cut. */
  placeOf(cut: Cut): number {
    let low = 0
    let high = this.numbers.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#dictionary.isBefore(this.numbers[middle], cut)) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The inverse; the numbers themselves if they ascend, as those of times of creation do. */
function placesOf(numbers: Uint32Array, length: number): Uint32Array {
  if (numbers.length === length && numbers.every((number, i) => number === i)) return numbers
  const places = new Uint32Array(length)
  for (let place = 0; place < numbers.length; place++) places[numbers[place]] = place
  return places
}
