import type { Progress } from "../api/read-options.ts"
import { amended, codeOf, TierdexError } from "../errors.ts"
import {
  type Answer,
  type AnswerValue,
  type CallName,
  isAnswerTo,
  type Request,
  type SendOptions,
  type ShardLink,
} from "./calls.ts"

export type AskOptions = Omit<SendOptions, "epoch">

/** A shard as a coordinator knows it. One that is opened again is another. */
export class Shard {
  readonly name: string
  readonly link: ShardLink
  /** What it said when it was opened. */
  readonly hello: AnswerValue<"hello">
  /** So many paths of the coordinator's fields were sent to it. */
  sentFields = 0
  /** Its newest mark, with the number of the batch that brought it. */
  mark: string | undefined
  readonly #epoch: () => number
  #isGivenUp = false
  /** What it has not answered yet. */
  readonly #asked = new Set<Promise<Answer>>()

  private constructor(
    name: string,
    link: ShardLink,
    hello: AnswerValue<"hello">,
    epoch: () => number,
  ) {
    this.name = name
    this.link = link
    this.hello = hello
    this.mark = hello.mark
    this.#epoch = epoch
  }

  /** @param epoch of the map that the coordinator goes by */
  static async meet(name: string, link: ShardLink, epoch: () => number): Promise<Shard> {
    try {
      const answer = await link.send({ call: "hello" }, { epoch: epoch() })
      if (isAnswerTo(answer, "hello")) return new Shard(name, link, answer.value, epoch)
      throw new TypeError("A shard answered another question.")
    } catch (error) {
      throw named(name, error)
    }
  }

  /** Asks, before it returns its promise. Errors name the shard; what callbacks throw is as it was. */
  async ask<C extends CallName>(
    request: Request & { readonly call: C },
    options: AskOptions = {},
  ): Promise<AnswerValue<C>> {
    const { onProgress } = options
    let thrown: { readonly error: unknown } | undefined
    const report = (progress: Progress) => {
      try {
        onProgress?.(progress)
      } catch (error) {
        thrown ??= { error }
        throw error
      }
    }
    const asking = onProgress === undefined ? options : { ...options, onProgress: report }
    const sent = this.link.send(request, { ...asking, epoch: this.#epoch() })
    this.#asked.add(sent)
    try {
      const answer = await sent
      if (isAnswerTo<C>(answer, request.call)) return answer.value
      throw new TypeError("A shard answered another question.")
    } catch (error) {
      if (thrown !== undefined) throw thrown.error
      if (this.#isGivenUp && codeOf(error) === "TIERDEX_CLOSED") throw reopenedError(this.name)
      throw named(this.name, error)
    } finally {
      this.#asked.delete(sent)
    }
  }

  /** Closes it, for it is to be opened again. */
  async giveUp(): Promise<void> {
    this.#isGivenUp = true
    await this.link.close()
  }

  /** Waits until it has answered all that it was asked, and nobody reads it any more. */
  async rest(): Promise<void> {
    do {
      await Promise.allSettled(this.#asked)
      await this.ask({ call: "rest" })
    } while (this.#asked.size > 0)
  }
}

function reopenedError(shard: string): TierdexError {
  const message = `Shard ${JSON.stringify(shard)} was opened again meanwhile. Ask again.`
  return new TierdexError("TIERDEX_SHARD_FAILED", message, { shard })
}

/** The same error, saying in which shard it happened. */
export function named(shard: string, error: unknown): unknown {
  const code = codeOf(error)
  if (code === "TIERDEX_ABORTED" || (error instanceof TierdexError && error.shard !== undefined)) {
    return error
  }
  const text = error instanceof Error ? error.message : String(error)
  const message = `Shard ${JSON.stringify(shard)}: ${text}`
  if (error instanceof TierdexError) return amended(error, message, { shard })
  return new TierdexError("TIERDEX_SHARD_FAILED", message, { shard, cause: error })
}

/** Codes of errors that are a shard's own, and not of what it was asked. */
const FAILURES: readonly (string | undefined)[] = [
  "TIERDEX_SHARD_FAILED",
  "TIERDEX_TIMEOUT",
  "TIERDEX_STORE_FAILED",
  "TIERDEX_CORRUPT",
]

export function isShardFailure(error: unknown): boolean {
  return FAILURES.includes(codeOf(error))
}
