import type { Steps } from "../cache/steps.ts"
import type { FieldTable } from "../fields/field-table.ts"
import type { PartView } from "../parts/part.ts"
import type { Hit } from "../query/part-top.ts"
import { selectRecords } from "../query/select.ts"

/** What hits are read as, each list in their order. */
export interface HitContents {
  readonly ids: string[]
  /** Undefined if no fields were asked for. */
  readonly records: Record<string, unknown>[] | undefined
}

/** Reads ids, and fields if any are selected, part by part and there in ascending order. */
export function* readHits(
  parts: readonly PartView[],
  hits: readonly Hit[],
  fields: FieldTable,
  select: readonly string[] | undefined,
): Steps<HitContents> {
  const ids = new Array<string>(hits.length)
  const records = select === undefined ? undefined : new Array<Record<string, unknown>>(hits.length)
  for (const part of parts) {
    const own = hits.flatMap((hit, at) => (hit.view === part ? [{ hit, at }] : []))
    own.sort((a, b) => a.hit.ordinal - b.hit.ordinal)
    const ordinals = Uint32Array.from(own, ({ hit }) => hit.ordinal)
    const texts = yield* part.part.ids(ordinals)
    for (const [i, { at }] of own.entries()) ids[at] = texts[i]
    if (records === undefined) continue
    const selected = yield* selectRecords(part.part, ordinals, fields, select)
    for (const [i, { at }] of own.entries()) records[at] = selected[i]
  }
  return { ids, records }
}
