import { describeMutants } from "../src/mutants/index.ts"

describeMutants()
