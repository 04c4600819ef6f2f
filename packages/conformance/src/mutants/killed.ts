import type { FileHandle } from "node:fs/promises"
import { setTimeout } from "node:timers/promises"
import type { KeyRange, WriteOp } from "@tierdex/core"
import { bytes } from "../support/entries.ts"
import { JournalStore } from "./journal-store.ts"
import type { JournalFlaw } from "./mutant.ts"

const SYNC = "kills: with durability sync leave what was acknowledged, and every batch whole"
const OS = "kills: with durability os leave what was acknowledged, and every batch whole"
const MAKING = "kills: while an index is made leave one, or nothing"
const COPYING = "kills: while an index is copied leave it unharmed, and no half of a copy"

/** Journals that are wrong in a way that shows when a process is killed. */
export const killedFlaws: Readonly<Record<string, JournalFlaw>> = {
  "acknowledges a write before it is in the file": [
    [SYNC, OS],
    class extends JournalStore {
      #appended: Promise<void> = Promise.resolve()
      protected override async append(ops: readonly WriteOp[], durable: boolean) {
        const copies = ops.map(copyOf)
        this.#appended = this.#appended.then(async () => {
          await setTimeout(5)
          await super.append(copies, durable)
        })
      }
      override async close() {
        await this.#appended
        await super.close()
      }
    },
  ],
  "keeps what need not be durable in memory until something must be": [
    [OS],
    class extends JournalStore {
      #tail: WriteOp[] = []
      protected override async append(ops: readonly WriteOp[], durable: boolean) {
        this.#tail.push(...ops.map(copyOf))
        if (durable) await super.append(this.#tail.splice(0), true)
      }
      override async close() {
        await this.write([], { durable: true }).catch(() => undefined)
        await super.close()
      }
    },
  ],
  "deletes the first key behind a range, too": [
    [SYNC, OS],
    class extends JournalStore {
      override async deleteRange({ gte, lt }: KeyRange) {
        await super.deleteRange({ gte, lt: bytes(...lt, 0) })
      }
    },
  ],
  "leaves a deleted range where it is": [
    [SYNC, OS, COPYING],
    class extends JournalStore {
      override async deleteRange() {}
    },
  ],
  "writes what must be durable before what came earlier and need not be": [
    [SYNC],
    class extends JournalStore {
      #waiting: Promise<void> = Promise.resolve()
      protected override async append(ops: readonly WriteOp[], durable: boolean) {
        if (durable) return await super.append(ops, true)
        const copies = ops.map(copyOf)
        this.#waiting = this.#waiting.then(async () => {
          await setTimeout(5)
          await super.append(copies, false)
        })
      }
      override async close() {
        await this.#waiting
        await super.close()
      }
    },
  ],
  "makes its file in two steps, and refuses what the first one left": [
    [MAKING],
    class extends JournalStore {
      protected override async replay(file: FileHandle) {
        if ((await file.stat()).size === 0) {
          await file.write("tierdex")
          await setTimeout(50)
          await file.truncate(0)
        }
        await super.replay(file)
      }
    },
  ],
}

function copyOf(op: WriteOp): WriteOp {
  const key = op.key.slice()
  return op.type === "put" ? { ...op, key, value: op.value.slice() } : { ...op, key }
}
