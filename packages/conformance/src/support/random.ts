/** Numbers from 0 to below 1, the same for the same seed (Steele and Lea's SplitMix, in 32 bits). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x9e37_79b9) | 0
    let x = Math.imul(state ^ (state >>> 16), 0x85eb_ca6b)
    x = Math.imul(x ^ (x >>> 13), 0xc2b2_ae35)
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32
  }
}
