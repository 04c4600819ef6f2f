import { expect, test } from "vitest"
import { GuardedStore } from "../../src/store/guarded-store.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"

// The error of an adapter with a copy of the package of its own was wrapped, its code lost.
test.each(["TIERDEX_LOCKED", "TIERDEX_STORE_FAILED"])(
  "%s of another copy's class passes",
  async (code) => {
    const foreign = Object.assign(new Error("refused"), { name: "TierdexError", code })
    const store = new GuardedStore(
      new (class extends MemoryStore {
        override async open() {
          throw foreign
        }
      })(),
    )
    await expect(store.open()).rejects.toBe(foreign)
  },
)

test("an error without a code of ours is wrapped, with itself as the cause", async () => {
  const full = Object.assign(new Error("no space left"), { code: "ENOSPC" })
  const store = new GuardedStore(
    new (class extends MemoryStore {
      override async write() {
        throw full
      }
    })(),
  )
  await store.open()
  await expect(store.write([], { durable: true })).rejects.toMatchObject({
    code: "TIERDEX_STORE_FAILED",
    cause: full,
  })
})
