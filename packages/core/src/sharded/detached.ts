import type { Position } from "../query/sort-keys.ts"
import type { Value } from "../values/kind.ts"

/*
 * Bytes of strings are views of pages or of the memtable. What leaves a shard has bytes of its own:
 * else a whole page would go with each.
 */

function detachedValue({ kind, payload }: Value): Value {
  return { kind, payload: typeof payload === "number" ? payload : Uint8Array.from(payload) }
}

export function detachedPosition({ values, sequence }: Position): Position {
  return { values: values.map(detachedValue), sequence }
}
