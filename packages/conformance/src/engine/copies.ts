import { copyIndex } from "@tierdex/core"
import { expect } from "vitest"
import type { Fixture } from "../fixture.ts"
import type { FieldsIndex } from "../oracle/index.ts"
import { feature } from "../scenario.ts"
import type { Place } from "../subject.ts"
import { noise } from "../support/entries.ts"
import { answersOf, row } from "./rows.ts"

/** Records in each of the segments: more than a megabyte of pages, since they do not compress. */
const PART = 2_500

/** Copies of an index, from store to store. */
export const copies = feature("copies", {
  "are whole: of an index that is written to, of a snapshot, and of a closed one": async (
    fixture,
  ) => {
    const source = await fixture.newPlace()
    const index = await fixture.openIndex(source)
    for (let part = 0; part < 3; part++) {
      await index.putMany(records(part * PART, PART))
      // Of the last segment there is a memtable only.
      if (part < 2) await index.flush()
    }
    await index.deleteMany({ group: "g5", price: { $lt: 500 } })
    await index.batch([{ type: "delete", id: "id7" }], { mark: "copied" })
    const expected = await answersOf(index)
    const snapshot = await index.snapshot()

    const copied = await Promise.all([
      copyTo(fixture, index),
      copyTo(fixture, snapshot),
      writeOn(index),
    ])
    await snapshot.close()
    await expectAnswers(fixture, copied[0], expected)
    await expectAnswers(fixture, copied[1], expected)

    const later = await answersOf(index)
    await index.close()
    await expectAnswers(fixture, await copyTo(fixture, source.store()), later)
    await expectAnswers(fixture, source, later)
  },
})

function records(from: number, count: number): [id: string, record: Record<string, unknown>][] {
  return Array.from({ length: count }, (_, i) => {
    const n = from + i
    const text = Buffer.from(noise(300, n)).toString("base64")
    return [`id${n}`, { ...row(n), text }]
  })
}

async function writeOn(index: FieldsIndex): Promise<void> {
  await index.putMany(records(PART, PART / 2))
  await index.deleteMany({ group: "g1" })
  await index.compact()
}

async function copyTo(fixture: Fixture, from: Parameters<typeof copyIndex>[0]): Promise<Place> {
  const place = await fixture.newPlace()
  await copyIndex(from, place.store())
  return place
}

async function expectAnswers(
  fixture: Fixture,
  place: Place,
  expected: Awaited<ReturnType<typeof answersOf>>,
): Promise<void> {
  const copy: FieldsIndex = await fixture.openIndex(place)
  expect(await answersOf(copy)).toEqual(expected)
  expect(await copy.verify()).toMatchObject({ ok: true, damage: [] })
  await copy.close()
}
