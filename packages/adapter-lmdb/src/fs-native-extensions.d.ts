/** What is used of the package, which has no types of its own. */
declare module "fs-native-extensions" {
  /** Takes an exclusive lock on a whole file that is open for writing; false if another has it. */
  export function tryLock(fd: number): boolean
}
