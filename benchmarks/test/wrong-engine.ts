import type { Ask, Engine } from "../src/engine.ts"
import { create as createSqlite } from "../src/engines/sqlite.ts"
import type { Job } from "../src/job.ts"

/** SQLite, but the first two of `top` are exchanged. */
export function create(job: Job): Engine {
  const engine = createSqlite(job)
  const top = engine.top.bind(engine)
  engine.top = async (...question) => exchanging(await top(...question))
  return engine
}

function exchanging(ask: Ask<readonly string[]>): Ask<readonly string[]> {
  return async () => {
    const [first, second, ...rest] = await ask()
    return [second, first, ...rest]
  }
}
