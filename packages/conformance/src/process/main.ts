// What a child process runs: one command with the store that its task describes.
import type { Store } from "@tierdex/core"
import { copyOf } from "./command.ts"
import { commands } from "./commands.ts"
import type { Task } from "./task.ts"

async function run({ source, command, argument }: Task): Promise<void> {
  const { [source.exportName]: factory } = await import(source.module)
  if (typeof factory !== "function") {
    throw new TypeError(`${source.module} exports no function ${source.exportName}.`)
  }
  const make = (path: string): Store => factory({ ...source.options, path })
  const { path } = source.options
  await commands[command](make(path), argument, make(copyOf(path)))
}

run(JSON.parse(process.argv[2])).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
  process.exitCode = 1
})
