import { crc32 } from "node:zlib"

/** Ids are hashed to so many slots, and slots are what shards own. */
export const SLOTS = 16_384

/** The slot of an id: the CRC-32 of its UTF-8 bytes, modulo the number of slots. */
export function slotOf(id: Uint8Array): number {
  return crc32(id) % SLOTS
}
