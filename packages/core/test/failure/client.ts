import type { UntypedFilter } from "../../src/filter/types.ts"
import type { Fields, Model, Reader } from "../oracle.ts"
import { type FieldsIndex, type Remains, Witness } from "./witness.ts"

/** Segments that a client makes with what it writes one by one: enough for a merge. */
const SEGMENTS = 6
/** Records of each. */
const ROWS = 5

async function collect<V>(values: AsyncIterable<V>): Promise<V[]> {
  const collected: V[] = []
  for await (const value of values) collected.push(value)
  return collected
}

/** Calls an index in every way in which it uses its store, with records of its own. */
export class Client {
  readonly #witness: Witness
  readonly #owner: string

  constructor(witness: Witness, owner: string) {
    this.#witness = witness
    this.#owner = owner
  }

  #id(i: number): string {
    return `${this.#owner}${i}`
  }

  #record(i: number): Fields {
    return { owner: this.#owner, a: i % 5, tags: [i % 3, "x"] }
  }

  #filter(filter: UntypedFilter): UntypedFilter {
    return { ...filter, owner: this.#owner }
  }

  async put(index: FieldsIndex, i: number): Promise<void> {
    const [id, record] = [this.#id(i), this.#record(i)]
    await this.#witness.write(
      "put",
      () => index.put(id, record),
      (model) => model.put(id, record),
    )
  }

  async #putMany(index: FieldsIndex, from: number, to: number): Promise<void> {
    const numbers = Array.from({ length: to - from }, (_, i) => from + i)
    const rows = numbers.map((i) => [this.#id(i), this.#record(i)] as const)
    await this.#witness.write(
      "putMany",
      () => index.putMany(rows),
      (model) => model.putMany(rows),
    )
  }

  async #delete(index: FieldsIndex, i: number): Promise<void> {
    await this.#witness.write(
      "delete",
      () => index.delete(this.#id(i)),
      (model) => model.delete(this.#id(i)),
    )
  }

  /** Two segments, with the deletion of a record of the first in the second, and a log. */
  async fill(index: FieldsIndex): Promise<void> {
    await this.#putMany(index, 0, 6)
    await this.#witness.run("flush", index.flush())
    const ops = [
      { type: "put", id: this.#id(6), record: this.#record(6) },
      { type: "delete", id: this.#id(1) },
      { type: "put", id: this.#id(2), record: this.#record(4) },
      { type: "delete", id: this.#id(99) },
    ] as const
    await this.#witness.write(
      "batch",
      () => index.batch(ops, { mark: "filled" }),
      (model) => model.batch(ops, { mark: "filled" }),
    )
    await this.#witness.run("flush", index.flush())
    await this.put(index, 7)
  }

  /** Reads and writes, while segments are flushed and merged; at last, if it is alone, clears. */
  async work(index: FieldsIndex, isAlone: boolean): Promise<void> {
    await this.#read(index)
    await this.#turn(index)
    const snapshot = await index.snapshot()
    const frozen = new Client(new Witness(this.#witness.store, this.#witness.seen), this.#owner)
    for (let segment = 0; segment < SEGMENTS; segment++) {
      const first = 10 + segment * ROWS
      await this.#putMany(index, first, first + ROWS)
      await this.#delete(index, first - 1)
      await this.#witness.run("flush", index.flush())
    }
    await frozen.#read(snapshot)
    await this.#witness.run("closing a snapshot", snapshot.close())
    await this.#deleteMany(index)
    await this.#witness.read(
      "verify",
      index.verify().then(({ damage }) => damage),
      () => [],
    )
    await this.#witness.run("compact", index.compact())
    await this.#read(index)
    if (isAlone) await this.#clear(index)
  }

  /** Writes of one turn, which look for what they replace and share a log entry. */
  async #turn(index: FieldsIndex): Promise<void> {
    const patch = { a: 9, tags: undefined }
    await this.#witness.write(
      "writes of one turn",
      async () => {
        const calls = [
          index.put(this.#id(3), this.#record(9)),
          index.update(this.#id(4), patch),
          index.delete(this.#id(5)),
          index.update(this.#id(99), patch),
        ] as const
        // If one fails, all do.
        await Promise.allSettled(calls)
        return await Promise.all(calls)
      },
      (model) => [
        model.put(this.#id(3), this.#record(9)),
        model.update(this.#id(4), patch),
        model.delete(this.#id(5)),
        model.update(this.#id(99), patch),
      ],
    )
  }

  async #deleteMany(index: FieldsIndex): Promise<void> {
    const filter = this.#filter({ a: 0 })
    // One that matches nothing writes nothing, and so is right even after a failed write.
    if (this.#witness.seen.some((model) => model.count(filter) === 0)) return
    await this.#witness.write(
      "deleteMany",
      () => index.deleteMany(filter),
      (model) => model.deleteMany(filter),
      (before, _after, error) => remainsOfSlices(before, filter, error),
    )
  }

  async #clear(index: FieldsIndex): Promise<void> {
    await this.#witness.write(
      "clear",
      () => index.clear(),
      (model) => model.clear(),
      // It may fail behind the write that decides it.
      (before, after) => ({ seen: [before, after], left: [after] }),
    )
    await this.put(index, 1)
    await this.#witness.run("flush", index.flush())
    await this.#read(index)
  }

  /** Asks an index or a snapshot in every way that uses the store in a way of its own. */
  async #read(reader: Reader): Promise<void> {
    const witness = this.#witness
    const filter = this.#filter({ a: { $gte: 2 } })
    const sort = { a: "desc" } as const
    const id = this.#id(3)
    await witness.read("get", reader.get(id), (model) => model.get(id))
    await witness.read("count", reader.count(filter), (model) => model.count(filter))
    await witness.read("find", reader.find(filter, { sort, select: ["tags"] }), (model) => {
      const ids = model.find(filter, { sort })
      return { ids, records: ids.map((each) => model.select(each, ["tags"])) }
    })
    await witness.read("ids", collect(reader.ids(filter)), (model) => model.ids(filter))
    await witness.read("entries", collect(reader.entries(filter)), (model) =>
      model.ids(filter).map((each) => [each, model.get(each)]),
    )
    await witness.read("facets", reader.facets(filter, ["tags"]), (model) =>
      model.facets(filter, ["tags"]),
    )
    const asked = [2, 3, 9, 99].map((i) => this.#id(i))
    await witness.read("hasMany", hasMany(reader, filter, asked), (model) => {
      const ids = model.ids(filter)
      return asked.map((each) => ids.includes(each))
    })
  }
}

async function hasMany(
  reader: Reader,
  filter: UntypedFilter,
  ids: readonly string[],
): Promise<boolean[]> {
  const set = await reader.matching(filter)
  try {
    return await set.hasMany(ids)
  } finally {
    await set.close()
  }
}

/** `deleteMany` deletes in slices, from the oldest record on, and says how many are gone. */
function remainsOfSlices(before: Model, filter: UntypedFilter, error: unknown): Remains {
  const ids = before.ids(filter)
  const committed = error instanceof Error && "committed" in error ? Number(error.committed) : -1
  const [seen, ...left] = [...ids.keys(), ids.length].slice(committed).map((count) => {
    const model = before.clone()
    for (const id of ids.slice(0, count)) model.delete(id)
    return model
  })
  return { seen: [seen], left }
}
