import type { BatchOp, MetadataIndex, Patch, UntypedFilter } from "@tierdex/core"
import { expect } from "vitest"
import type { Fields } from "./fields.ts"
import type { Model } from "./model.ts"

/** A call that changes an index, or how it lies in its store. */
export type Operation =
  | { readonly type: "put"; readonly id: string; readonly record: Fields }
  | { readonly type: "putMany"; readonly entries: readonly (readonly [id: string, Fields])[] }
  | { readonly type: "update"; readonly id: string; readonly patch: Patch<Fields> }
  | { readonly type: "delete"; readonly id: string }
  | { readonly type: "deleteMany"; readonly filter: UntypedFilter }
  | { readonly type: "batch"; readonly ops: readonly BatchOp<Fields>[]; readonly mark?: string }
  | { readonly type: "clear" }
  | { readonly type: "flush" }
  | { readonly type: "compact" }
  | { readonly type: "reopen" }

/** What `applyOperation` calls: all that writes. */
export type Writer = Pick<
  MetadataIndex<Fields>,
  | ("size" | "mark" | "put" | "putMany" | "update" | "delete" | "deleteMany")
  | ("batch" | "clear" | "flush" | "compact")
>

/**
 * Does the same to an index and a model, and checks that both report the same of it. `reopen`
 * closes an index and opens it again from its store; by default nothing is done. Returns the
 * index to go on with.
 */
export async function applyOperation<I extends Writer>(
  index: I,
  model: Model,
  operation: Operation,
  reopen: (index: I) => Promise<I> = async (same) => same,
): Promise<I> {
  const next = operation.type === "reopen" ? await reopen(index) : index
  const [reported, expected] = await applyToBoth(next, model, operation)
  expect(reported, operation.type).toBe(expected)
  expect(next.size, `size after ${operation.type}`).toBe(model.size)
  expect(next.mark, `mark after ${operation.type}`).toBe(model.mark)
  return next
}

async function applyToBoth(
  index: Writer,
  model: Model,
  operation: Operation,
): Promise<[reported: unknown, expected: unknown]> {
  switch (operation.type) {
    case "put":
      return [
        await index.put(operation.id, operation.record),
        model.put(operation.id, operation.record),
      ]
    case "putMany":
      return [await index.putMany(operation.entries), model.putMany(operation.entries)]
    case "update":
      return [
        await index.update(operation.id, operation.patch),
        model.update(operation.id, operation.patch),
      ]
    case "delete":
      return [await index.delete(operation.id), model.delete(operation.id)]
    case "deleteMany":
      return [await index.deleteMany(operation.filter), model.deleteMany(operation.filter)]
    case "batch":
      return [
        await index.batch(operation.ops, { mark: operation.mark }),
        model.batch(operation.ops, { mark: operation.mark }),
      ]
    case "clear":
      return [await index.clear(), model.clear()]
    case "flush":
      return [await index.flush(), undefined]
    case "compact":
      return [await index.compact(), undefined]
    case "reopen":
      return [undefined, undefined]
  }
}
