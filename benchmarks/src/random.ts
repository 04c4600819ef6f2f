import { uniformInt } from "pure-rand/distribution/uniformInt"
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus"

/** Draws that repeat for the same seed. */
export class Random {
  readonly #generator

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed)
  }

  /** An integer from 0 to `below - 1`, each as likely. */
  below(below: number): number {
    return uniformInt(this.#generator, 0, below - 1)
  }

  /** A fraction from 0 to below 1, in steps of 2^-31. */
  fraction(): number {
    return this.below(2 ** 31) / 2 ** 31
  }
}

/**
 * Ranks that follow Zipf's law: rank `r`, from 0, is drawn with a weight of `1 / (r + 1)`.
 * By a table of cumulative weights and binary search.
 */
export class Zipf {
  readonly #cumulative: Float64Array

  constructor(ranks: number) {
    this.#cumulative = new Float64Array(ranks)
    let sum = 0
    for (let rank = 0; rank < ranks; rank++) {
      sum += 1 / (rank + 1)
      this.#cumulative[rank] = sum
    }
  }

  draw(random: Random): number {
    const cumulative = this.#cumulative
    const at = random.fraction() * cumulative[cumulative.length - 1]
    let low = 0
    let high = cumulative.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (cumulative[middle] > at) high = middle
      else low = middle + 1
    }
    return low
  }
}
