import type { FrozenQuestions } from "../engine/questions.ts"
import type { Cluster } from "./cluster.ts"
import type { FrozenScope } from "./frozen-scope.ts"
import { ShardQuestions } from "./shard-questions.ts"

/** Asks views of all shards. */
export class FrozenShardQuestions extends ShardQuestions implements FrozenQuestions {
  readonly #frozen: FrozenScope

  constructor(cluster: Cluster, frozen: FrozenScope) {
    super(cluster, frozen.views)
    this.#frozen = frozen
  }

  async close(): Promise<void> {
    this.#frozen.close()
  }
}
