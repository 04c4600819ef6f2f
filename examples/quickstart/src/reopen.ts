import { fork } from "node:child_process"
import { lmdbStore } from "@tierdex/adapter-lmdb"
import { openIndex } from "@tierdex/core"
import type { City } from "./cities.ts"
import { type ProcessMemory, processMemory } from "./memory.ts"
import { QUESTIONS } from "./questions.ts"

/** What a process found that knew nothing of the index but where it is. */
export interface Reopened {
  /** The first time, when the code of the store is loaded too. */
  readonly coldOpenMs: number
  /** And once more. */
  readonly openMs: number
  /** From the beginning of the second opening. */
  readonly firstAnswerMs: number
  readonly allAnswersMs: number
  readonly answers: readonly unknown[]
  readonly before: ProcessMemory
  readonly after: ProcessMemory
}

/** Opens the index in a new process, asks all questions there and closes it. */
export function reopen(path: string): Promise<Reopened> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, [path], { serialization: "advanced", execArgv: [] })
    child.once("message", (found: Reopened) => resolve(found))
    child.once("error", reject)
    child.once("exit", (code) => reject(new Error(`The process ended with ${code}.`)))
  })
}

async function askAll(path: string): Promise<Reopened> {
  const before = processMemory()
  const open = () => openIndex<City>({ store: lmdbStore({ path }) })
  const coldStart = performance.now()
  const first = await open()
  const coldOpenMs = performance.now() - coldStart
  await first.close()

  const start = performance.now()
  const index = await open()
  const openMs = performance.now() - start
  let firstAnswerMs = 0
  const answers: unknown[] = []
  for (const question of QUESTIONS) {
    answers.push((await question.ask(index)).answer)
    firstAnswerMs ||= performance.now() - start
  }
  const allAnswersMs = performance.now() - start
  const after = processMemory()
  await index.close()
  return { coldOpenMs, openMs, firstAnswerMs, allAnswersMs, answers, before, after }
}

if (process.argv[1] === import.meta.filename && process.send !== undefined) {
  process.send(await askAll(process.argv[2]))
}
