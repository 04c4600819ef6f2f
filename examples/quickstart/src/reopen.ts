import { fork } from "node:child_process"
import { openIndex, type Store } from "@tierdex/core"
import type { City } from "./cities.ts"
import { type ProcessMemory, processMemory } from "./memory.ts"
import { QUESTIONS } from "./questions.ts"
import { isStoreName, makeStore, type StoreName } from "./stores.ts"

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

/** The same in a new process. */
export function reopen(name: StoreName, folder: string): Promise<Reopened> {
  return new Promise((resolve, reject) => {
    const args = [name, folder]
    const child = fork(import.meta.filename, args, { serialization: "advanced", execArgv: [] })
    child.once("message", (found: Reopened) => resolve(found))
    child.once("error", reject)
    child.once("exit", (code) => reject(new Error(`The process ended with ${code}.`)))
  })
}

/** Opens the index, asks all questions and closes it. */
export async function askAgain(makeStore: () => Promise<Store>): Promise<Reopened> {
  const before = processMemory()
  const open = async () => openIndex<City>({ store: await makeStore() })
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
  const [name, folder] = process.argv.slice(2)
  if (isStoreName(name)) process.send(await askAgain(() => makeStore(name, folder)))
}
