import { expect } from "vitest"
import { MARKS, pageOf } from "../process/workloads.ts"
import { feature, needing } from "../scenario.ts"
import { entriesOf, numbered, text } from "../support/entries.ts"

export const kill = feature("kill", {
  "loses no write that was acknowledged, and leaves no half of one": needing(
    "persistent",
    async (fixture) => {
      for (const [round, share] of [0.1, 0.3, 0.5, 0.7, 0.9].entries()) {
        const place = await fixture.newPlace()
        const child = fixture.child(place, "write")
        const acknowledged = Number(await child.killBetween(5 + 10 * round, share))
        const store = await fixture.open(place)
        const marks = await store.getMany(MARKS)
        expect(text(marks[0])).not.toBe("none")
        const written = Buffer.from(marks[0] ?? []).readUIntBE(1, 3)
        expect(written).toBeGreaterThanOrEqual(acknowledged)
        expect(marks.map(text)).toEqual(MARKS.map(() => text(numbered(written))))
        for (let n = 1; n <= written; n++) {
          expect(text(await store.get(numbered(n)))).toBe(text(pageOf(n)))
        }
        expect(await entriesOf(store)).toHaveLength(written + MARKS.length)
      }
    },
  ),
})
