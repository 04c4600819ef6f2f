import type { IndexStats } from "../api/stats.ts"
import { openEngine } from "../engine/open-engine.ts"
import type { EngineOptions } from "../engine/options.ts"
import type { Answer, Request, SendOptions, ShardLink } from "./calls.ts"
import { ShardServer } from "./server.ts"

/** A shard in this process. */
export class LocalLink implements ShardLink {
  readonly #server: ShardServer

  constructor(server: ShardServer) {
    this.#server = server
  }

  static async open(options: EngineOptions): Promise<LocalLink> {
    return new LocalLink(new ShardServer(await openEngine(options)))
  }

  get size(): number {
    return this.#server.size
  }

  get writeFailure(): unknown {
    return this.#server.writeFailure
  }

  get stats(): IndexStats {
    return this.#server.stats
  }

  send(request: Request, options: SendOptions): Promise<Answer> {
    return this.#server.handle(request, options)
  }

  close(): Promise<void> {
    return this.#server.close()
  }
}
