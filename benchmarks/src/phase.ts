import { fork } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import type { Message } from "./child.ts"
import type { Job } from "./job.ts"
import type { IngestResult, QueryResult, ShapeAnswers } from "./results.ts"
import { Watch } from "./watch.ts"

export interface PhaseResult {
  readonly ingest?: IngestResult
  readonly query?: QueryResult
  readonly answers?: readonly ShapeAnswers[]
}

export type OnProgress = (doing: string, share: number) => void

/** Does the job in a process of its own, so that no engine and no phase sees another's memory. */
export async function runPhase(
  job: Job,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<PhaseResult> {
  signal.throwIfAborted()
  const child = fork(join(import.meta.dirname, "child.ts"), [JSON.stringify(job)], {
    serialization: "advanced",
    stdio: ["ignore", "inherit", "pipe", "ipc"],
  })
  const kill = () => child.kill("SIGKILL")
  signal.addEventListener("abort", kill)
  const watch = new Watch(child.pid ?? 0, job.folder)
  let result: PhaseResult = {}
  let stderr = ""
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = `${stderr}${chunk}`.slice(-STDERR_KEPT)
  })
  child.on("message", (message: Message) => {
    if (message.type === "progress") onProgress(message.doing, message.share)
    else result = { ...result, ...resultOf(message, job, watch) }
  })
  try {
    const [code, killedBy] = await once(child, "close")
    signal.throwIfAborted()
    if (code !== 0) throw new Error(`its process ended with ${killedBy ?? code}. ${stderr.trim()}`)
  } finally {
    signal.removeEventListener("abort", kill)
    watch.stop()
  }
  return result
}

const STDERR_KEPT = 4_000

function resultOf(
  message: Exclude<Message, { type: "progress" }>,
  job: Job,
  watch: Watch,
): PhaseResult {
  const peaks = watch.take()
  if (message.type === "asked") {
    const { answers, ...asked } = message.asked
    return { answers, query: { ...asked, peakMemory: peaks.memory } }
  }
  const { ingested } = message
  const busyMs = ingested.putMs + ingested.finishMs + ingested.settleMs
  return {
    ingest: {
      ...ingested,
      recordsPerSecond: (job.records / busyMs) * 1000,
      recordsPerSecondGenerated: (job.records / (busyMs + ingested.generatingMs)) * 1000,
      peakMemory: peaks.memory,
      peakFileBytes: Math.max(peaks.fileBytes, ingested.fileBytes),
    },
  }
}
