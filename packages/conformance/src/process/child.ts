import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { setTimeout } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import type { Task } from "./task.ts"

/** The program, beside this module: a source runs a source, a built one a built one. */
const PROGRAM = fileURLToPath(import.meta.url.replace(/child(\.[jt]s)$/, "main$1"))

/** A process of its own that does one thing with the store under test. */
export class Child {
  readonly pid: number
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string>
  #stderr = ""

  /** With `fileBlocks` no file may grow over so many blocks of 512 bytes. */
  constructor(task: Task, fileBlocks?: number) {
    const command = [process.execPath, PROGRAM, JSON.stringify(task)]
    const child =
      fileBlocks === undefined
        ? spawn(command[0], command.slice(1))
        : spawn("sh", ["-c", `ulimit -f ${fileBlocks}; exec "$@"`, "sh", ...command])
    child.stderr.on("data", (chunk) => {
      this.#stderr += chunk
    })
    this.pid = child.pid ?? 0
    this.#process = child
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    this.ended = new Promise((resolve, reject) => {
      child.on("error", reject)
      child.on("close", (code, signal) => resolve(signal ?? code))
    })
  }

  /** The next line that it prints. Throws, with what it wrote to stderr, if it ends before. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (!done) return value
    throw new Error(`The process ended with ${await this.ended}. ${this.#stderr}`)
  }

  /**
   * Kills it between two of its lines, after so many of them and so much of the time that it takes
   * from one to the next, and answers the last one that it printed.
   */
  async killBetween(lines: number, share: number): Promise<string> {
    let last = await this.line()
    const start = performance.now()
    for (let n = 1; n < lines; n++) last = await this.line()
    const meanMs = (performance.now() - start) / Math.max(1, lines - 1)
    await setTimeout(share * meanMs)
    this.#process.kill("SIGKILL")
    for (let next = await this.#lines.next(); !next.done; next = await this.#lines.next()) {
      last = next.value
    }
    await this.ended
    return last
  }

  /** Ends it without a chance to clean up. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL")
    await this.ended
  }
}
