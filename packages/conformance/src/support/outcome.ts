/**
 * How a promise ends, in a word: `done`, or the code of its error. Of `TIERDEX_STORE_FAILED`, which
 * has to name another error as its cause, also whether it does.
 */
export async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return "done"
  } catch (error) {
    const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown }
    return code === "TIERDEX_STORE_FAILED" && cause instanceof Error ? `${code}+cause` : `${code}`
  }
}
