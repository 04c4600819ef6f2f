import { readFileSync } from "node:fs"

/** Memory of this process in bytes. */
export interface ProcessMemory {
  /** Its own memory. */
  readonly anonymous: number
  /** Pages of mapped files, which the system can evict; undefined where it does not tell. */
  readonly file: number | undefined
}

/** From `/proc` where there is one; elsewhere all resident memory counts as anonymous. */
export function processMemory(): ProcessMemory {
  if (process.platform !== "linux") {
    return { anonymous: process.memoryUsage.rss(), file: undefined }
  }
  const status = readFileSync("/proc/self/status", "utf8")
  return { anonymous: bytesOf(status, "RssAnon"), file: bytesOf(status, "RssFile") }
}

function bytesOf(status: string, name: string): number {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]
  if (kib === undefined) throw new Error(`/proc/self/status does not tell ${name}`)
  return Number(kib) * 1024
}

const SAMPLE_MS = 20

/** Samples the memory of this process while work goes on, and remembers the most. */
export class MemoryPeak {
  #anonymous = 0
  #file: number | undefined
  readonly #timer = setInterval(() => this.sample(), SAMPLE_MS)

  sample(): ProcessMemory {
    const now = processMemory()
    this.#anonymous = Math.max(this.#anonymous, now.anonymous)
    if (now.file !== undefined) this.#file = Math.max(this.#file ?? 0, now.file)
    return now
  }

  stop(): ProcessMemory {
    clearInterval(this.#timer)
    this.sample()
    return { anonymous: this.#anonymous, file: this.#file }
  }
}
