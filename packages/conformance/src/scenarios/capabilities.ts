import { expect } from "vitest"
import { feature } from "../scenario.ts"
import { bytes, entriesOf, put, text } from "../support/entries.ts"

export const capabilities = feature("capabilities", {
  "are told before the store is open": async (fixture) => {
    const place = await fixture.newPlace()
    const store = place.store()
    expect(store.name).toMatch(/./)
    const expected = {
      durableWrites: expect.any(Boolean),
      syncReads: expect.any(Boolean),
      persistent: expect.any(Boolean),
    }
    expect(store.capabilities).toEqual(expected)
    expect(store.capabilities).toEqual(fixture.subject.capabilities)
    expect((await fixture.open(place)).capabilities).toEqual(fixture.subject.capabilities)
  },

  "syncReads: values or promises, whichever is said": async (fixture) => {
    const store = await fixture.open()
    await store.write([put(bytes(1), bytes(2))], { durable: false })
    const { syncReads } = fixture.subject.capabilities
    for (const key of [bytes(1), bytes(3)]) {
      const one = store.get(key)
      const many = store.getMany([key])
      expect([one instanceof Promise, many instanceof Promise]).toEqual([!syncReads, !syncReads])
      expect([text(await one), text((await many)[0])]).toEqual(
        key[0] === 1 ? ["02", "02"] : ["none", "none"],
      )
    }
  },

  "persistent: a new store in the same place has the entries, or none": async (fixture) => {
    const place = await fixture.newPlace()
    const first = await fixture.open(place)
    await first.write([put(bytes(1), bytes(2))], { durable: true })
    await first.close()
    const { persistent } = fixture.subject.capabilities
    // Of a store that is not persistent, a place is one instance: another is another place.
    const second = await fixture.open(place.files === undefined ? undefined : place)
    expect(await entriesOf(second)).toHaveLength(persistent ? 1 : 0)
  },

  "durableWrites: both kinds of write are taken, whatever is said": async (fixture) => {
    const store = await fixture.open()
    await store.write([put(bytes(1), bytes(1))], { durable: true })
    await store.write([put(bytes(2), bytes(2))], { durable: false })
    expect(await entriesOf(store)).toHaveLength(2)
  },
})
