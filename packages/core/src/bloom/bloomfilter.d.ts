declare module "bloomfilter" {
  /** `m` bits and `k` hash functions, or existing 32-bit buckets. */
  export class BloomFilter {
    constructor(m: number | ArrayLike<number>, k: number)
    readonly m: number
    readonly k: number
    readonly buckets: Uint32Array
    /** The bits of a key; the array is reused by the next call. */
    locations(key: string): ArrayLike<number>
    add(key: string): void
    test(key: string): boolean
  }
}
