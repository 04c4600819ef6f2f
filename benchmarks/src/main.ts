import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { shortCount } from "./format.ts"
import { HELP, type Options, optionsOf } from "./options.ts"
import { ProgressLine } from "./progress.ts"
import type { Results } from "./results.ts"
import { runMatrix } from "./run.ts"
import { tablesOf } from "./tables.ts"

async function main(options: Options, signal: AbortSignal): Promise<void> {
  for (const records of options.records) {
    const line = new ProgressLine()
    try {
      const results = await runMatrix(
        options,
        records,
        {
          onProgress: (engine, doing, share) => line.update(engine, doing, share),
          onEngine: (results) => write(results, options.out),
        },
        signal,
      )
      line.stop()
      console.log(tablesOf(results))
      if (results.faults.length > 0 || results.engines.length === 0) process.exitCode = 1
    } finally {
      line.stop()
    }
  }
}

async function write(results: Results, folder: string | undefined): Promise<void> {
  if (folder === undefined) return
  await mkdir(folder, { recursive: true })
  const file = join(folder, `${shortCount(results.records)}.json`)
  await writeFile(file, `${JSON.stringify(results, undefined, 1)}\n`)
}

const options = optionsOf(process.argv.slice(2))
if (options === undefined) {
  console.log(HELP)
} else {
  // The processes that do the work are ended, and their files removed.
  const stop = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort())
  try {
    await main(options, stop.signal)
  } catch (error) {
    if (!stop.signal.aborted) throw error
    process.exitCode = 130
  }
}
