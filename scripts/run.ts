import { spawnSync } from "node:child_process"

/** How to run a command: where, with which variables, and whether its output is returned instead of shown. */
export interface RunOptions {
  cwd?: string
  env?: NodeJS.ProcessEnv
  capture?: boolean
}

/**
 * Prints a command, runs it to its end and returns its standard output (empty unless `capture`).
 * Throws when it does not exit with 0.
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): string {
  const line = [command, ...args].join(" ")
  console.log(`$ ${line}`)
  // On Windows npm and pnpm are .cmd files, which only a shell can start.
  const shell = process.platform === "win32" && !command.endsWith(".exe")
  const result = spawnSync(shell ? line : command, shell ? [] : args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    shell,
    encoding: "utf8",
    stdio: ["ignore", options.capture ? "pipe" : "inherit", options.capture ? "pipe" : "inherit"],
  })
  if (result.error) throw result.error
  if (result.status !== 0) {
    if (options.capture) console.error(`${result.stdout}${result.stderr}`)
    throw new Error(`exit code ${result.status ?? result.signal}: ${line}`)
  }
  return result.stdout ?? ""
}
