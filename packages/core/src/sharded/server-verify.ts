import type { Damage, VerifyReport } from "../api/stats.ts"
import { drive } from "../cache/steps.ts"
import type { SingleEngine } from "../engine/single-engine.ts"
import type { View } from "../engine/view.ts"
import { throwIfAborted } from "../errors.ts"
import type { SendOptions } from "./calls.ts"
import { type IdPart, type PartTest, testOf } from "./id-part.ts"

const IDS = 4096

/** Checks an index, and that it has no ids but those of some parts, as of now. */
export async function verifyShard(
  engine: SingleEngine,
  owned: readonly IdPart[],
  { signal, onProgress }: SendOptions,
): Promise<VerifyReport> {
  const view = engine.source.acquire()
  try {
    const report = await engine.verify({ signal, onProgress })
    // Ids of a damaged page cannot be read.
    if (!report.ok) return report
    const stray = await strayIds(view, owned.map(testOf), signal)
    if (stray.count === 0) return report
    const damage: Damage = {
      message:
        `The shard holds ${stray.count} records that belong to another shard, such as ` +
        `${JSON.stringify(stray.example)}. Restore all shards and the map from one backup.`,
    }
    return { ...report, ok: false, damage: [damage] }
  } finally {
    view.release()
  }
}

async function strayIds(
  { parts }: View,
  owned: readonly PartTest[],
  signal: AbortSignal | undefined,
): Promise<{ count: number; example: string }> {
  const stray = { count: 0, example: "" }
  const encoder = new TextEncoder()
  for (const { part, live } of parts) {
    const ordinals = new Uint32Array(IDS)
    for (let next = 0; ; ) {
      const count = live.docs.read(next, ordinals)
      if (count === 0) break
      for (const id of await drive(part.ids(ordinals.subarray(0, count)), { signal })) {
        const bytes = encoder.encode(id)
        if (owned.some((isOwned) => isOwned(bytes))) continue
        if (stray.count++ === 0) stray.example = id
      }
      throwIfAborted(signal)
      next = ordinals[count - 1] + 1
    }
  }
  return stray
}
