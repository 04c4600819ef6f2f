import type { LongCallOptions } from "../api/read-options.ts"
import type { VerifyReport } from "../api/stats.ts"
import type { Cluster } from "./cluster.ts"
import type { IdPart } from "./id-part.ts"
import { askAll, NowScope } from "./scope.ts"
import type { ShardMap } from "./shard-map.ts"
import { sumProgress } from "./sum-progress.ts"

/** Checks every shard, and that each holds no ids but its own. Damage names the shard. */
export async function verifyShards(
  cluster: Cluster,
  { signal, onProgress }: LongCallOptions,
): Promise<VerifyReport> {
  const scope = new NowScope(cluster)
  const progressOf = sumProgress(onProgress, cluster.map.names.length)
  const asked = await askAll(
    scope,
    ({ shard }) => {
      const options = { signal, onProgress: progressOf(shard.name) }
      return shard.ask({ call: "verify", owned: ownedBy(scope.map, shard.name) }, options)
    },
    signal,
  )
  const reports = asked.map(({ target, value }) => [target.shard.name, value] as const)
  const pages = reports.reduce((sum, [, { checked }]) => sum + checked.done, 0)
  return {
    ok: reports.every(([, { ok }]) => ok),
    checked: { done: pages, total: pages, unit: "pages" },
    damage: reports.flatMap(([shard, { damage }]) => damage.map((each) => ({ ...each, shard }))),
  }
}

/** While records are being moved, both shards may have them. */
function ownedBy(map: ShardMap, name: string): IdPart[] {
  const parts = map.partsOf(name)
  return map.move?.to === name ? [...parts, map.move.part] : parts
}
