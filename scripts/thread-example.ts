import type { Example } from "./readme-example.ts"

/** A flush that takes a worker thread, whose module is to be found where it was installed. */
export const threadExample: Example = {
  code: `import { MemoryStore, openIndex } from "@tierdex/core"

const index = await openIndex({ store: new MemoryStore() })
await index.putMany(Array.from({ length: 30_000 }, (_, i) => [\`id-\${i}\`, { n: i, text: \`text \${i}\` }]))
await index.flush()
process.report.excludeNetwork = true
console.log(process.report.getReport().workers.length, "thread,", await index.count({ n: { $lt: 9 } }), "records")
await index.close()
`,
  output: "1 thread, 9 records\n",
}
