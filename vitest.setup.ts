import fc from "fast-check"

fc.configureGlobal({
  seed: Number(process.env.TIERDEX_SEED),
  numRuns: Number(process.env.TIERDEX_RUNS),
})
