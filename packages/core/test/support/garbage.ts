import { setImmediate } from "node:timers/promises"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

setFlagsFromString("--expose-gc")
const collect: () => void = runInNewContext("gc")

/** Collects garbage and lets what waits for that run. */
export async function collectGarbage(): Promise<void> {
  // What the current turn has looked at stays until its end.
  await setImmediate()
  collect()
  await setImmediate()
}
