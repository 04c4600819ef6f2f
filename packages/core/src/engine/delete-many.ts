import { drive, type Steps } from "../cache/steps.ts"
import type { FilterNode } from "../filter/node.ts"
import type { Part, PartView } from "../parts/part.ts"
import type { FieldLookup } from "../query/part-filter.ts"
import type { OperationEncoder } from "./encoder.ts"
import { matchesOf } from "./matches.ts"
import { SLICE_OPERATIONS, type SliceWriter } from "./slices.ts"

/** Deletes the records that match, in slices: those versions of them and no newer ones. */
export async function deleteMatches(
  parts: readonly PartView[],
  filter: FilterNode,
  lookup: FieldLookup,
  encoder: OperationEncoder,
  slices: SliceWriter,
  signal: AbortSignal | undefined,
): Promise<void> {
  const ordinals = new Uint32Array(SLICE_OPERATIONS)
  for (const view of parts) {
    const matched = await drive(matchesOf(view, filter, lookup), { signal })
    for (let next = 0; ; ) {
      const count = matched.read(next, ordinals)
      if (count === 0) break
      const versions = await drive(versionsOf(view.part, ordinals.subarray(0, count)))
      for (const [id, sequence] of versions) encoder.delete(id, sequence)
      await slices.write(encoder.take())
      next = ordinals[count - 1] + 1
    }
  }
}

/** Ids with the sequences by which their versions are told apart. */
export function* versionsOf(
  part: Part,
  ordinals: Uint32Array,
): Steps<[id: string, sequence: number][]> {
  const ids = yield* part.ids(ordinals)
  const versions: [string, number][] = []
  for (const [i, id] of ids.entries()) versions.push([id, yield* part.sequence(ordinals[i])])
  return versions
}
