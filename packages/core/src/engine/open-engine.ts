import { endianness } from "node:os"
import { TierdexError } from "../errors.ts"
import { GuardedStore } from "../store/guarded-store.ts"
import type { EngineOptions } from "./options.ts"
import { endLog, recover } from "./recover.ts"
import { SingleEngine } from "./single-engine.ts"
import { State } from "./state.ts"

/** Opens one index; if that fails, its store is closed. Throws as `openIndex`. */
export async function openEngine(options: EngineOptions): Promise<SingleEngine> {
  if (endianness() !== "LE") {
    throw new TierdexError(
      "TIERDEX_UNSUPPORTED_PLATFORM",
      "Pages are little-endian, and this processor is not.",
    )
  }
  if (options.store === undefined) return new SingleEngine(new State(options, undefined))
  const store = new GuardedStore(options.store)
  await store.open()
  try {
    const state = await recover({ ...options, store }, store)
    await endLog(state, store)
    const engine = new SingleEngine(state)
    await engine.start()
    return engine
  } catch (error) {
    // Why it cannot be opened matters more than that it cannot be closed either.
    await store.close().catch(() => {})
    throw error
  }
}
