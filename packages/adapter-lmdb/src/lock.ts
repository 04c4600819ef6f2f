import { closeSync, openSync } from "node:fs"
import { tryLock } from "fs-native-extensions"

/**
 * Takes the operating system's lock on a file, which is created if need be and stays. The lock
 * excludes other processes and other openers in this one, and goes with the process that holds it.
 *
 * Answers the function that releases it, or undefined if another holder has it.
 */
export function lockFile(path: string): (() => void) | undefined {
  const fd = openSync(path, "a")
  try {
    if (tryLock(fd)) return () => closeSync(fd)
  } catch (error) {
    closeSync(fd)
    // How Windows says that another has it.
    if (error instanceof Error && "code" in error && error.code === "EBUSY") return undefined
    throw error
  }
  closeSync(fd)
  return undefined
}
