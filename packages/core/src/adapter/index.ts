// What the authors of adapters share. Users of an index need none of it.
export { checkKnown } from "../known-options.ts"
export { plain, successor } from "./bytes.ts"
export {
  codeOf,
  invalidOption,
  storeClosed,
  storeFailed,
  storeLocked,
  unsupportedPlatform,
} from "./errors.ts"
export { flushFile, flushFolder, folderSize, unlessGone } from "./files.ts"
export { Opening, type Releasable } from "./opening.ts"
export { checkIntegers } from "./options.ts"
export { type BatchRange, scanInBatches } from "./scan.ts"
export { nextTurn } from "./turns.ts"
export { WriteQueue } from "./write-queue.ts"
