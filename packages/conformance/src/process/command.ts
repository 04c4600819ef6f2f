import type { Store } from "@tierdex/core"

/** Something that a child process can be told to do, with stores that are not open yet. */
export type Command = (store: Store, argument: number, copy: Store) => Promise<void>

/** Where the store is that a child copies another one to. */
export function copyOf(path: string): string {
  return `${path}-copy`
}

/** To a pipe, where it arrives before the process can be killed for what follows. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
