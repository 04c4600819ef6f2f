import { TierdexError, throwIfAborted } from "../errors.ts"

export interface Patience {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/**
 * Waits for the answer of a shard, until a signal fires or time is over; what was asked may go on.
 * @param shard its name; undefined: what is waited for is a step of a move
 * @throws TIERDEX_ABORTED, TIERDEX_TIMEOUT, and what the work throws
 */
export async function within<R>(
  work: Promise<R>,
  { timeoutMs, signal }: Patience,
  shard: string | undefined,
): Promise<R> {
  // Nobody may be waiting any more.
  work.catch(ignore)
  throwIfAborted(signal)
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(late(timeoutMs, shard)), timeoutMs)
  const abort = () => {
    try {
      throwIfAborted(signal)
    } catch (error) {
      reject(error)
    }
  }
  signal?.addEventListener("abort", abort)
  try {
    return await Promise.race([work, ended])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener("abort", abort)
  }
}

function late(timeoutMs: number, shard: string | undefined): TierdexError {
  const what = shard === undefined ? "A step of a move" : `Shard ${JSON.stringify(shard)}`
  return new TierdexError(
    "TIERDEX_TIMEOUT",
    `${what} has not come to an end within ${timeoutMs} ms. Ask again, or raise timeoutMs.`,
    { shard },
  )
}

/** What fails here fails elsewhere as well, or does not matter. */
export function ignore(): void {}
