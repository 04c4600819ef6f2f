import type { Steps } from "../cache/steps.ts"
import { codeOf } from "../errors.ts"
import type { Failure, Queued, WriteResult } from "./pending.ts"
import type { GroupResolver } from "./resolve.ts"

/** What a write of a group does: its operations end before `end`. */
export interface Resolved extends WriteResult {
  readonly end: number
  /** It alone is refused. */
  readonly refusal?: Failure | undefined
}

/**
 * Resolves the writes of a group, in order, as long as they fit one log entry: how long the record
 * is that an update changes is not known before.
 */
export function* resolveGroup(
  resolver: GroupResolver,
  group: readonly Queued[],
  maxBytes: number,
): Steps<Resolved[]> {
  const results: Resolved[] = []
  for (const { request } of group) {
    if (results.length > 0 && resolver.out.length > maxBytes) break
    let found = 0
    let refusal: Failure | undefined
    try {
      if (request.type === "ops") found = yield* resolver.ops(request)
      else if (request.type === "update") found = Number(yield* resolver.update(request))
    } catch (error) {
      if (codeOf(error) !== "TIERDEX_INVALID_VALUE") throw error
      refusal = { error }
    }
    results.push({ found, end: resolver.operations.length, refusal })
  }
  return results
}
