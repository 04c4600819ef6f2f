import fc from "fast-check"
import { expect, test } from "vitest"
import { compareWithModel } from "../../src/oracle/compare.ts"
import type { Fields } from "../../src/oracle/fields.ts"
import { filters, operations, probes } from "../../src/oracle/generate.ts"
import { Model } from "../../src/oracle/model.ts"
import { ModelReader } from "../../src/oracle/model-reader.ts"
import { applyOperation, type Operation, type Writer } from "../../src/oracle/operation.ts"

/** A model as an index would take writes. */
function writerOn(model: Model): Writer {
  return {
    get size() {
      return model.size
    },
    get mark() {
      return model.mark
    },
    put: async (id, record) => model.put(id, record),
    putMany: async (records) => {
      const entries: (readonly [id: string, record: Fields])[] = []
      for await (const entry of records) entries.push(entry)
      return model.putMany(entries)
    },
    update: async (id, patch) => model.update(id, patch),
    delete: async (id) => model.delete(id),
    deleteMany: async (filter) => model.deleteMany(filter),
    batch: async (ops, options) => model.batch(ops, options),
    clear: async () => model.clear(),
    flush: async () => {},
    compact: async () => {},
  }
}

test("a right index follows the model through any operations", async () => {
  await fc.assert(
    fc.asyncProperty(operations(), filters, probes, async (calls, filter, probe) => {
      const [model, other] = [new Model(), new Model()]
      const index = writerOn(other)
      for (const call of calls) await applyOperation(index, model, call)
      await compareWithModel(new ModelReader(other), model, filter, probe)
    }),
  )
})

const put: Operation = { type: "put", id: "a", record: { a: 1 } }

test.each<[name: string, call: Operation, flaw: Partial<Writer>]>([
  ["put is lost", put, { put: async () => {} }],
  ["delete says it found nothing", { type: "delete", id: "a" }, { delete: async () => false }],
  [
    "deleteMany counts one too many",
    { type: "deleteMany", filter: {} },
    { deleteMany: async () => 2 },
  ],
  ["the mark is lost", { type: "batch", ops: [], mark: "m" }, { batch: async () => {} }],
])("caught: %s", async (_name, call, flaw) => {
  const model = new Model()
  const right = writerOn(new Model())
  await applyOperation(right, model, put)
  const again: Operation = call === put ? { ...put, id: "b" } : call
  const broken: Writer = Object.create(right, Object.getOwnPropertyDescriptors(flaw))
  await expect(applyOperation(broken, model, again)).rejects.toThrow(/expected/)
})
