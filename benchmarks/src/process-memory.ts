import { readFileSync } from "node:fs"

/** Memory of a process in bytes. */
export interface ProcessMemory {
  /** Its own memory. */
  readonly anonymous: number
  /** Pages of mapped files, which the system can evict; null where it does not tell. */
  readonly file: number | null
}

/** Of this process. Where there is no `/proc`, all resident memory counts as anonymous. */
export function processMemory(): ProcessMemory {
  return memoryOf("self") ?? { anonymous: process.memoryUsage.rss(), file: null }
}

/** Null if the process has ended, or where the system does not tell. */
export function memoryOf(pid: number | "self"): ProcessMemory | null {
  let status: string
  try {
    status = readFileSync(`/proc/${pid}/status`, "utf8")
  } catch {
    return null
  }
  const anonymous = bytesOf(status, "RssAnon")
  return anonymous === null ? null : { anonymous, file: bytesOf(status, "RssFile") }
}

function bytesOf(status: string, name: string): number | null {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]
  return kib === undefined ? null : Number(kib) * 1024
}
