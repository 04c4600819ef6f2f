/**
 * The model that the index is held against. It is published with the conformance suite, and read
 * here by its sources: a dependency on that package, which needs this one, would be a cycle.
 */
export * from "../../conformance/src/oracle/index.ts"
