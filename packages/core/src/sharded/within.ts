import { TierdexError, throwIfAborted } from "../errors.ts"

/**
 * Waits for the answer of a shard, until a signal fires or time is over; what was asked may go on.
 * @throws TIERDEX_ABORTED, TIERDEX_TIMEOUT, and what the work throws
 */
export async function within<R>(
  work: Promise<R>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  shard: string,
): Promise<R> {
  const { promise: ended, reject } = Promise.withResolvers<never>()
  // Nobody may be waiting any more.
  work.catch(() => {})
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

function late(timeoutMs: number, shard: string): TierdexError {
  return new TierdexError(
    "TIERDEX_TIMEOUT",
    `Shard ${JSON.stringify(shard)} has not answered within ${timeoutMs} ms. Ask again, or raise ` +
      "timeoutMs.",
    { shard },
  )
}
