import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"

export interface Child {
  readonly process: ChildProcess
  /** The lines it prints, in their order. */
  readonly lines: AsyncIterableIterator<string>
  /** Its exit code, or the signal that ended it, and what it wrote to stderr. */
  readonly ended: Promise<{ readonly end: number | string | null; readonly stderr: string }>
}

/** Runs a file of this folder in a process of its own, which dies with the test. */
export function runChild(file: string, args: readonly string[], limitBlocks?: number): Child {
  const command = [process.execPath, fileURLToPath(new URL(file, import.meta.url)), ...args]
  const child =
    limitBlocks === undefined
      ? spawn(command[0], command.slice(1))
      : spawn("sh", ["-c", `ulimit -f ${limitBlocks}; exec "$@"`, "sh", ...command])
  let stderr = ""
  child.stderr.on("data", (chunk) => {
    stderr += chunk
  })
  onTestFinished(() => {
    child.kill("SIGKILL")
  })
  return {
    process: child,
    lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
    ended: new Promise((resolve) => {
      child.on("close", (code, signal) => resolve({ end: signal ?? code, stderr }))
    }),
  }
}
