import { test } from "vitest"
import { openIndex } from "../../src/open.ts"
import { CrashingStore } from "../support/crashing-store.ts"
test("time", async () => {
  for (let k = 0; k < 3; k++) {
  const store = new CrashingStore()
  const t: Record<string, number> = {}
  const time = async (name: string, f: () => Promise<unknown>) => { const s = performance.now(); await f(); t[name] = (t[name] ?? 0) + performance.now() - s }
  let index: any
  await time("open", async () => { index = await openIndex({ store, memory: "8 MiB" }) })
  for (let b = 0; b < 24; b++) {
    await time("batch", () => index.batch([0,1,2].map((i) => ({ type: "put", id: `id${(b*7+i)%12}`, record: { b, tags: [b % 3, "x"] } }))))
    if (b % 2) await time("flush", () => index.flush())
  }
  await time("compact", () => index.compact())
  await time("close", () => index.close())
  let image: any
  await time("image", async () => { image = await store.afterCrash() })
  await time("reopen", async () => { index = await openIndex({ store: image, memory: "8 MiB" }) })
  await time("gets", async () => { for (let i = 0; i < 12; i++) { await index.get(`id${i}`); await index.has(`id${i}`) } })
  await time("verify", () => index.verify())
  await time("reclose", () => index.close())
  console.log(store.operations, JSON.stringify(Object.fromEntries(Object.entries(t).map(([k, v]) => [k, +v.toFixed(1)]))))
  }
})
