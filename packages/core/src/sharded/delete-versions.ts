import type { WriteOptions } from "../api/metadata-index.ts"
import { OperationEncoder } from "../engine/encoder.ts"
import type { Failure } from "../engine/pending.ts"
import { SliceWriter, withCommitted } from "../engine/slices.ts"
import { codeOf, throwIfAborted } from "../errors.ts"
import type { FieldTable } from "../fields/field-table.ts"
import { SkippedPaths } from "../fields/skipped-paths.ts"
import type { Sender } from "./sender.ts"
import type { ShardStream } from "./shard-stream.ts"
import { sumProgress } from "./sum-progress.ts"

/**
 * Deletes what streams of all shards found, in each shard by itself. Returns how many; an error says
 * the same of all shards.
 */
export async function deleteVersions(
  streams: readonly ShardStream<"versions">[],
  sender: Sender,
  fields: FieldTable,
  { signal, onProgress }: WriteOptions,
): Promise<number> {
  const progressOf = sumProgress(onProgress, streams.length)
  const settled = await Promise.allSettled(
    streams.map((stream) => {
      const own = { signal, onProgress: progressOf(stream.target.shard.name) }
      return deleteIn(stream, sender, fields, own)
    }),
  )
  let committed = 0
  let failure: Failure | undefined
  for (const result of settled) {
    if (result.status === "fulfilled") committed += result.value
    else {
      committed += committedOf(result.reason)
      failure ??= { error: result.reason }
    }
  }
  if (failure !== undefined) throw withCommitted(failure.error, committed)
  return committed
}

async function deleteIn(
  stream: ShardStream<"versions">,
  sender: Sender,
  fields: FieldTable,
  options: WriteOptions,
): Promise<number> {
  const slices = new SliceWriter(sender.versionsIn(stream.target.shard), options, "found")
  const encoder = new OperationEncoder(fields, new SkippedPaths())
  let failure: Failure | undefined
  try {
    for (let batch = await stream.next(); batch !== undefined; batch = await stream.next()) {
      throwIfAborted(options.signal)
      for (const [i, id] of batch.ids.entries()) encoder.delete(id, batch.sequences[i])
      await slices.write(encoder.take())
    }
  } catch (error) {
    failure = { error }
  }
  try {
    return await slices.end(undefined, failure)
  } finally {
    // Until here, what is written again is another version, whatever is in it.
    stream.end()
  }
}

function committedOf(error: unknown): number {
  if (codeOf(error) === undefined || typeof error !== "object" || error === null) return 0
  const committed: unknown = Reflect.get(error, "committed")
  return typeof committed === "number" ? committed : 0
}
