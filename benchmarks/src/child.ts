import { folderBytes } from "./disk.ts"
import { loadEngine } from "./engines.ts"
import { type Ingested, ingest } from "./ingest.ts"
import type { Job } from "./job.ts"
import { type Asked, query, reopen } from "./query.ts"
import type { QueryResult } from "./results.ts"
import { Source } from "./source.ts"

/** What a child process sends to its parent. */
export type Message =
  | { readonly type: "progress"; readonly doing: string; readonly share: number }
  | { readonly type: "ingested"; readonly ingested: Ingested & ClosedFiles }
  | { readonly type: "asked"; readonly asked: Asked & Pick<QueryResult, "reopen"> }

/** What is known of the files once the engine is closed. */
interface ClosedFiles {
  readonly closeMs: number
  readonly fileBytes: number
  readonly usedBytes: number | null
}

const PROGRESS_MS = 200

async function run(job: Job): Promise<void> {
  const { create } = await loadEngine(job.engine)
  const engine = create(job)
  const staysOpen = job.phases.length === 2
  if (job.phases.includes("ingest")) {
    await engine.open()
    const ingested = await ingest(engine, new Source(job.seed, job.records, ingestProgress(job)))
    let closeMs = 0
    if (!staysOpen) {
      const start = performance.now()
      await engine.close()
      closeMs = performance.now() - start
    }
    const fileBytes = await folderBytes(job.folder)
    const usedBytes = staysOpen ? null : await engine.usedBytes()
    send({ type: "ingested", ingested: { ...ingested, closeMs, fileBytes, usedBytes } })
  }
  if (job.phases.includes("query")) {
    const reopened = staysOpen ? null : await reopen(engine)
    const asked = await query(job, engine, (shape) => {
      const share = job.shapes.indexOf(shape) / job.shapes.length
      send({ type: "progress", doing: shape, share })
    })
    send({ type: "asked", asked: { ...asked, reopen: reopened } })
    await engine.close()
  }
}

function ingestProgress(job: Job): (done: number) => void {
  let sentAt = 0
  return (done) => {
    const now = performance.now()
    if (now - sentAt < PROGRESS_MS) return
    sentAt = now
    send({ type: "progress", doing: "ingest", share: done / job.records })
  }
}

function send(message: Message): void {
  process.send?.(message)
}

// Also when the parent is gone.
process.on("disconnect", () => process.exit())
await run(JSON.parse(process.argv[2]))
// Nothing is left to do, and the channel would keep the process.
process.disconnect?.()
