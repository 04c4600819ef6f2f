import { setImmediate as nextTurn } from "node:timers/promises"
import { throwIfAborted } from "../errors.ts"
import type { OperationEncoder } from "./encoder.ts"
import { checkPair, isAsync } from "./inputs.ts"
import type { Failure } from "./pending.ts"
import { SLICE_OPERATIONS, type SliceWriter } from "./slices.ts"

/**
 * Puts records in slices and returns how many. Each is encoded before the next is asked for: a
 * source may hand out one object again. The first slice takes its place among other writes before
 * this returns, unless the source is an async one.
 */
export async function putRecords(
  records: Iterable<readonly [string, unknown]> | AsyncIterable<readonly [string, unknown]>,
  encoder: OperationEncoder,
  slices: SliceWriter,
  signal: AbortSignal | undefined,
): Promise<number> {
  let position = 0
  const fills = (pair: readonly [string, unknown]): boolean => {
    throwIfAborted(signal)
    checkPair(pair, position)
    const [id, record] = pair
    encoder.put(id, record, position++)
    return encoder.count >= SLICE_OPERATIONS || encoder.byteLength >= slices.sliceBytes
  }
  const write = async () => {
    await slices.write(encoder.take())
    // Encoding several slices and applying others must not become one long turn.
    await nextTurn()
  }
  let failure: Failure | undefined
  try {
    throwIfAborted(signal)
    if (isAsync(records)) {
      for await (const pair of records) if (fills(pair)) await write()
    } else for (const pair of records) if (fills(pair)) await write()
  } catch (error) {
    failure = { error }
  }
  return await slices.end(encoder.count > 0 ? encoder.take() : undefined, failure)
}
