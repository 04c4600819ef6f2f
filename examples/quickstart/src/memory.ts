import { readFileSync } from "node:fs"

/** What a process takes of the machine's memory. */
export interface ProcessMemory {
  /** Its own: what the memory budget is about. Not known everywhere. */
  readonly ownBytes?: number
  /** Mapped from files, the index and Node's own code among them. The system can take it back. */
  readonly fileBytes?: number
  /** Both, and what is shared. */
  readonly residentBytes: number
}

export function processMemory(): ProcessMemory {
  const residentBytes = process.memoryUsage.rss()
  if (process.platform !== "linux") return { residentBytes }
  const status = readFileSync("/proc/self/status", "utf8")
  const bytesOf = (name: string) => {
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) * 1024
  }
  return { ownBytes: bytesOf("RssAnon"), fileBytes: bytesOf("RssFile"), residentBytes }
}
