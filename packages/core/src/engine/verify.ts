import type { Progress } from "../api/read-options.ts"
import type { Damage, VerifyReport } from "../api/stats.ts"
import { PageCache } from "../cache/page-cache.ts"
import { drive, type Steps } from "../cache/steps.ts"
import { TierdexError } from "../errors.ts"
import { readLog } from "../log/log.ts"
import { readManifest } from "../log/manifest.ts"
import { Segment } from "../segment/segment.ts"
import type { Store } from "../store/store.ts"
import { loadLive } from "./open-segment.ts"
import type { State } from "./state.ts"
import type { View } from "./view.ts"
import type { Writer } from "./writer.ts"

/** Pages are checked through a cache of their own, so that none is taken for whole unread. */
const CACHE_BYTES = 8 * 2 ** 20

export interface VerifyOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/**
 * Reads all that the store holds of the index, and checks it.
 * @param view of what is to be checked, with its pages kept
 * @param writer lets the manifest and the log be read while neither changes
 */
export async function verifyIndex(
  state: State,
  view: View,
  store: Store,
  writer: Writer,
  { signal, onProgress }: VerifyOptions,
): Promise<VerifyReport> {
  const damage: Damage[] = []
  const start = state.pagesRead
  const progress = (): Progress => ({
    done: state.pagesRead - start,
    total: undefined,
    unit: "pages",
  })
  const source = state.pages(store, new PageCache(CACHE_BYTES))
  for (const { part } of view.parts) {
    if (!(part instanceof Segment)) continue
    const { meta } = part
    const segment = new Segment(source, meta, { checked: 0, excluded: 0 })
    const checks: [string | undefined, Steps<void>][] = [
      [undefined, segment.checkIds()],
      ...meta.fields.map((field): [string, Steps<void>] => [
        state.fields.path(field),
        checkField(segment, field),
      ]),
    ]
    for (const [field, steps] of checks) {
      await collect(damage, meta.segment, field, () => drive(steps, { signal }))
      onProgress?.(progress())
    }
  }
  await collect(damage, undefined, undefined, () =>
    writer.task(async () => {
      const stored = await readManifest(store)
      if (stored === undefined) throw new Error("The manifest of the index is missing.")
      const { manifest } = stored
      for (const entry of manifest.segments) await drive(loadLive(source, entry), { signal })
      await checkLog(store, manifest.flushedSequence, state.sequence)
    }),
  )
  onProgress?.(progress())
  return { ok: damage.length === 0, checked: progress(), damage }
}

function* checkField(segment: Segment, field: number): Steps<void> {
  const stored = yield* segment.stored(field)
  if (stored !== undefined) yield* stored.check()
}

/** Reads the log, which checks each entry, and sees that its end is there. */
async function checkLog(store: Store, flushed: number, lastSequence: number): Promise<void> {
  let end = flushed
  for await (const { lastSequence: last } of readLog(store, flushed)) end = last
  if (end < lastSequence) {
    throw new Error(`Damaged write-ahead log: writes ${end + 1} to ${lastSequence} are missing.`)
  }
}

/** Runs a check and takes down what it finds, unless it was aborted. */
async function collect(
  damage: Damage[],
  segment: number | undefined,
  field: string | undefined,
  check: () => Promise<void>,
): Promise<void> {
  try {
    await check()
  } catch (error) {
    if (error instanceof TierdexError && error.code !== "TIERDEX_CORRUPT") throw error
    const page = error instanceof TierdexError ? error.place?.page : undefined
    damage.push({
      ...(segment === undefined ? {} : { segment }),
      ...(field === undefined ? {} : { field }),
      ...(page === undefined ? {} : { page }),
      message: error instanceof Error ? error.message : String(error),
    })
  }
}
