import { AssertionError } from "node:assert"
import { type ChildProcess, spawn } from "node:child_process"
import { PassThrough, type Readable } from "node:stream"
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
  readonly #lines: AsyncIterator<string, undefined>
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
    this.#lines = wholeLines(child.stdout)
    this.ended = new Promise((resolve, reject) => {
      child.on("error", reject)
      child.on("close", (code, signal) => resolve(signal ?? code))
    })
  }

  /** The next line that it prints. Throws, with what it wrote to stderr, if it ends before. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (!done) return value
    throw this.#endedBy(await this.ended)
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
    return (await this.killAfter(share * meanMs)) ?? last
  }

  /**
   * Kills it so many milliseconds after a line that is waited for, once it has printed so many, and
   * answers the last one that it printed.
   */
  async killWhen(isIt: (line: string) => boolean, lines: number, delayMs: number): Promise<string> {
    let last = await this.line()
    for (let n = 1; n < lines || !isIt(last); n++) last = await this.line()
    return (await this.killAfter(delayMs)) ?? last
  }

  /**
   * Kills it after so many milliseconds, and answers the last line that it printed by then and was
   * not asked for, if there is one. Throws if it ended by itself.
   */
  async killAfter(delayMs: number): Promise<string | undefined> {
    if (delayMs > 0) await setTimeout(delayMs)
    this.#process.kill("SIGKILL")
    let last: string | undefined
    for (let next = await this.#lines.next(); !next.done; next = await this.#lines.next()) {
      last = next.value
    }
    const ended = await this.ended
    if (ended !== "SIGKILL") throw this.#endedBy(ended)
    return last
  }

  /** Ends it without a chance to clean up. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL")
    await this.ended
  }

  /** A finding, for it was told to go on. */
  #endedBy(ended: number | string | null): Error {
    return new AssertionError({ message: `The process ended with ${ended}. ${this.#stderr}` })
  }
}

/**
 * Lines with their end: what a process was killed in the middle of is none. They are taken in as
 * they come, whether asked for or not, for a process has not ended before all it said is read.
 */
export function wholeLines(output: Readable): AsyncIterator<string, undefined> {
  const lines = new PassThrough({ objectMode: true })
  let rest = ""
  output.setEncoding("utf8")
  output.on("data", (chunk: string) => {
    const parts = (rest + chunk).split("\n")
    rest = parts.pop() ?? ""
    for (const line of parts) lines.write(line)
  })
  output.on("end", () => lines.end())
  return lines[Symbol.asyncIterator]()
}
