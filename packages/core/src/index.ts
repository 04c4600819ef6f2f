export type * from "./api.ts"
export { copyIndex } from "./copy.ts"
export { type DamagedPlace, TierdexError, type TierdexErrorCode } from "./errors.ts"
export type {
  Condition,
  ElementOperators,
  FieldOperators,
  Filter,
  Operand,
  Path,
  PathValue,
  ScalarOf,
  UntypedFilter,
} from "./filter/types.ts"
export { openIndex } from "./open.ts"
export { openShardedIndex } from "./sharded/open.ts"
export { MemoryStore } from "./store/memory-store.ts"
export type {
  Entry,
  KeyRange,
  ScanOptions,
  Store,
  StoreCapabilities,
  WriteOp,
} from "./store/store.ts"
export type { Scalar } from "./values/kind.ts"
