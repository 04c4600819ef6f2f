import { throwIfAborted } from "../errors.ts"

/**
 * Waits for work that is not the caller's alone. When the signal fires, only the waiting ends.
 * @throws TIERDEX_ABORTED
 */
export async function waitFor(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  const { promise: aborted, resolve } = Promise.withResolvers<void>()
  const abort = () => resolve()
  signal?.addEventListener("abort", abort)
  if (signal?.aborted) abort()
  try {
    await Promise.race([work, aborted])
  } finally {
    signal?.removeEventListener("abort", abort)
  }
  throwIfAborted(signal)
}
