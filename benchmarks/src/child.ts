import { type IngestResult, ingest } from "./ingest.ts"
import { type Job, openStore, type Phase } from "./job.ts"
import { type QueryResult, query, reopen } from "./query.ts"

/** What a child process sends to its parent. */
export interface Report {
  readonly ingest?: IngestResult
  readonly query?: QueryResult
}

async function run(phase: Phase, job: Job): Promise<Report> {
  const store = openStore(job)
  if (phase === "query") {
    if (store === undefined) throw new Error("An index without a store cannot be reopened.")
    const opened = await reopen(job, store)
    const result = await query(job, opened.index, opened.reopen)
    await opened.index.close()
    return { query: result }
  }
  const ingested = await ingest(job, store)
  const queried = phase === "both" ? await query(job, ingested.index, null) : undefined
  return { ingest: await ingested.result(), ...(queried && { query: queried }) }
}

const [phase, job] = process.argv.slice(2)
const report = await run(phase as Phase, JSON.parse(job))
process.send?.(report)
// Nothing is left to do, and the channel would keep the process.
process.disconnect?.()
