import { compareBytes } from "../values/compare.ts"
import { SLOTS, slotOf } from "./slots.ts"

/** Some of all ids: those of certain slots, or those from one id up to another. */
export type IdPart =
  | { readonly by: "hash"; readonly slots: readonly number[] }
  | {
      readonly by: "range"
      /** Inclusive; empty: from the first. */
      readonly from: string
      /** Exclusive; undefined: to the last. */
      readonly to: string | undefined
    }

/** Tells whether an id, as UTF-8, is in a part. */
export type PartTest = (id: Uint8Array) => boolean

const encoder = new TextEncoder()

export function testOf(part: IdPart): PartTest {
  if (part.by === "hash") {
    const isIn = new Uint8Array(SLOTS)
    for (const slot of part.slots) isIn[slot] = 1
    return (id) => isIn[slotOf(id)] === 1
  }
  const from = encoder.encode(part.from)
  const to = part.to === undefined ? undefined : encoder.encode(part.to)
  return (id) => compareBytes(id, from) >= 0 && (to === undefined || compareBytes(id, to) < 0)
}
