import { folderBytes } from "./disk.ts"
import { memoryOf, type ProcessMemory } from "./process-memory.ts"

const MEMORY_MS = 20
const FOLDER_MS = 500

/** The most that was seen. */
export interface Peaks {
  /** Null where the system does not tell the memory of another process. */
  readonly memory: ProcessMemory | null
  readonly fileBytes: number
}

/**
 * Looks from outside at the memory of a process and the size of its folder: a process that is busy
 * could not look itself.
 */
export class Watch {
  readonly #timers: readonly NodeJS.Timeout[]
  #memory: ProcessMemory | null = null
  #fileBytes = 0

  constructor(pid: number, folder: string) {
    this.#timers = [
      setInterval(() => this.#lookAtMemory(pid), MEMORY_MS),
      setInterval(() => this.#lookAtFolder(folder), FOLDER_MS),
    ]
  }

  /** The peaks since the last call. */
  take(): Peaks {
    const peaks = { memory: this.#memory, fileBytes: this.#fileBytes }
    this.#memory = null
    this.#fileBytes = 0
    return peaks
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer)
  }

  #lookAtMemory(pid: number): void {
    const now = memoryOf(pid)
    if (now === null) return
    const most = this.#memory ?? now
    this.#memory = {
      anonymous: Math.max(most.anonymous, now.anonymous),
      file: Math.max(most.file ?? 0, now.file ?? 0),
    }
  }

  async #lookAtFolder(folder: string): Promise<void> {
    this.#fileBytes = Math.max(this.#fileBytes, await folderBytes(folder))
  }
}
