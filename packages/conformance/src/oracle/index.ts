export { compareRecords, compareWithModel, type Probe, type Reader } from "./compare.ts"
export { type Fact, facts } from "./facts.ts"
export {
  type Fields,
  isFields,
  normalise,
  sameContent,
  selectFields,
  valueAt,
  valuesAt,
  withValueAt,
} from "./fields.ts"
export {
  filters,
  ids,
  operations,
  operatorNames,
  patches,
  probes,
  records,
  sorts,
} from "./generate.ts"
export { matcher, matches } from "./mingo.ts"
export { Model, type ModelFindOptions } from "./model.ts"
export { ModelReader } from "./model-reader.ts"
export { applyOperation, type Operation, type Writer } from "./operation.ts"
export { compareValues, type Direction, sortValue } from "./order.ts"
export { anyText, scalars } from "./pools.ts"
export {
  answersAsModel,
  type Configuration,
  type Effort,
  type FieldsIndex,
  keepsSnapshots,
} from "./properties.ts"
