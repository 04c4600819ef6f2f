import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { cpus, totalmem } from "node:os"
import { join } from "node:path"
import type { Machine } from "./results.ts"

export function machine(): Machine {
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model ?? "unknown",
    cpus: cpus().length,
    memoryBytes: totalmem(),
  }
}

/** With `+` if files that git knows are changed. */
export function commit(): string {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: import.meta.dirname, encoding: "utf8", stdio: "pipe" }).trim()
  try {
    return git("rev-parse", "HEAD") + (git("status", "--porcelain", "-uno") === "" ? "" : "+")
  } catch {
    return "unknown"
  }
}

export function versionsOf(packages: readonly string[]): Record<string, string> {
  const versionOf = (name: string): string => {
    const manifest = join(import.meta.dirname, "../node_modules", name, "package.json")
    return JSON.parse(readFileSync(manifest, "utf8")).version
  }
  return Object.fromEntries(packages.map((name) => [name, versionOf(name)]))
}
