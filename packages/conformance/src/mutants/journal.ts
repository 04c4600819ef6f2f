import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { type FileHandle, truncate } from "node:fs/promises"
import { setTimeout } from "node:timers/promises"
import type { KeyRange, Store, WriteOp } from "@tierdex/core"
import { codeOf, storeLocked } from "@tierdex/core/adapter"
import { ALL, entriesOf } from "../support/entries.ts"
import { JournalStore, type JournalStoreOptions } from "./journal-store.ts"
import { killedFlaws } from "./killed.ts"
import type { BrokenJournalOptions, JournalFlaw, Mutant } from "./mutant.ts"

/** A journal that is right. */
export function journalStore(options: JournalStoreOptions): Store {
  return new JournalStore(options)
}

/** A journal with one of the flaws. */
export function brokenJournal({ path, flaw }: BrokenJournalOptions): Store {
  const [, Broken] = flaws[flaw]
  return new Broken({ path })
}

/** Paths that are open in this process. */
const opened = new Set<string>()

/** What each does, what catches it, and how it does it. */
const flaws: Readonly<Record<string, JournalFlaw>> = {
  ...killedFlaws,
  "says that it keeps nothing, and does": [
    ["capabilities: persistent: a new store in the same place has the entries, or none"],
    class extends JournalStore {
      override readonly capabilities = { durableWrites: true, syncReads: false, persistent: false }
    },
  ],
  "says that it keeps everything, and does not": [
    ["capabilities: persistent: a new store in the same place has the entries, or none"],
    class extends JournalStore {
      protected override async append() {}
    },
  ],
  "empties its file before it writes what a deleted range left": [
    ["deleteRange: goes on after it was killed"],
    class extends JournalStore {
      override async deleteRange(range: KeyRange) {
        await this.entries.deleteRange(range)
        const left = await entriesOf(this.entries, ALL)
        await truncate(this.path)
        await setTimeout(50)
        if (this.file !== undefined) await this.replay(this.file)
        await this.write(
          left.map((entry) => ({ type: "put", ...entry })),
          { durable: true },
        )
      }
    },
  ],
  "locks against its own process": [
    ["lock: refuses another process"],
    class extends JournalStore {
      protected override lock(path: string) {
        if (opened.has(path)) throw storeLocked(path)
        opened.add(path)
        return () => opened.delete(path)
      }
    },
  ],
  "locks by a file that it deletes when it closes": [
    ["lock: goes with an owner that is killed"],
    class extends JournalStore {
      protected override lock(path: string) {
        try {
          writeFileSync(path, "", { flag: "wx" })
        } catch {
          throw storeLocked(path)
        }
        return () => rmSync(path)
      }
    },
  ],
  "locks by a file with its process id": [
    ["lock: is no file with a process id"],
    class extends JournalStore {
      protected override lock(path: string) {
        if (isAlive(path)) throw storeLocked(path)
        writeFileSync(path, String(process.pid))
        return () => rmSync(path)
      }
    },
  ],
  "locks each name of a file": [
    ["lock: is one lock, whatever links lead to it"],
    class extends JournalStore {
      protected override async resolvePath(path: string) {
        return path
      }
    },
  ],
  "keeps its lock when it was refused": [
    ["files: a file of something else is refused and left as it was"],
    class extends JournalStore {
      protected override releaseRefused() {}
    },
  ],
  "keeps to itself that a path cannot be": [
    ["files: a path that cannot be is refused"],
    class extends JournalStore {
      override async open() {
        await super.open().catch(() => undefined)
      }
    },
  ],
  "goes on in memory where it may not write": [
    ["files: what may not be written to is refused and left as it was"],
    class extends JournalStore {
      override async open() {
        await super.open().catch((error) => {
          if (codeOf(error.cause) !== "EACCES") throw error
        })
      }
    },
  ],
  "begins anew in a file that it cannot read": [
    ["files: a file of something else is refused and left as it was"],
    class extends JournalStore {
      protected override async replay(file: FileHandle) {
        await super.replay(file).catch(async () => {
          await file.truncate(0)
          await super.replay(file)
        })
      }
    },
  ],
  "takes a write that fails for done": [
    [
      "files: when the disk is full, a write fails as a whole and all else stays",
      "engine: stays readable when the disk is full, and is whole when reopened",
    ],
    class extends JournalStore {
      protected override async append(ops: readonly WriteOp[], durable: boolean) {
        await super.append(ops, durable).catch(() => undefined)
      }
    },
  ],
  "writes one operation of a batch after the other": [
    [
      "files: when the disk is full, a write fails as a whole and all else stays",
      "kill: loses no write that was acknowledged, and leaves no half of one",
    ],
    class extends JournalStore {
      protected override async append(ops: readonly WriteOp[], durable: boolean) {
        for (const op of ops) {
          await super.append([op], durable)
          // So that a kill hits.
          await setTimeout(2)
        }
      }
    },
  ],
  "writes when it closes": [
    [
      "kill: loses no write that was acknowledged, and leaves no half of one",
      "engine: finds every acknowledged batch, whole, after it was killed",
    ],
    class extends JournalStore {
      readonly #buffered: WriteOp[] = []
      protected override async append(ops: readonly WriteOp[]) {
        this.#buffered.push(...ops)
      }
      override async close() {
        if (this.#buffered.length > 0) await super.append(this.#buffered.splice(0), false)
        await super.close()
      }
    },
  ],
}

export const journalMutants: readonly Mutant[] = Object.entries(flaws).map(
  ([flaw, [caughtBy]]) => ({
    name: flaw,
    caughtBy,
    options: { factory: brokenJournal, module: import.meta.url, options: { flaw } },
  }),
)

/** Whether a file names a process that runs. */
function isAlive(path: string): boolean {
  try {
    return process.kill(Number(readFileSync(path, "utf8")), 0)
  } catch {
    return false
  }
}
