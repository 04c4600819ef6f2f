import type { WriteOp } from "@tierdex/core"
import type { LmdbDatabase } from "./open.ts"

/** Writes batches in one transaction, and flushes it. */
export async function commit(
  db: LmdbDatabase,
  batches: readonly (readonly WriteOp[])[],
): Promise<void> {
  try {
    await db.batch(() => {
      for (const op of batches.flat()) {
        if (op.type === "put") db.put(op.key, op.value)
        else db.remove(op.key)
      }
    })
    await db.flushed
  } catch (error) {
    throw await causeOf(error)
  }
}

/** What made a commit fail: LMDB tells it apart from the rejection, and later. */
async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error && "commitError" in error)) return error
  try {
    return (await error.commitError) ?? error
  } catch (cause) {
    return cause
  }
}
