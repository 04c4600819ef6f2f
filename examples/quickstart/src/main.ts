import { runDemo } from "./demo.ts"

const { answersAreEqual } = await runDemo()
if (!answersAreEqual) process.exitCode = 1
