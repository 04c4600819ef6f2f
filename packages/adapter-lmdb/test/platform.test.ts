import fs, { existsSync } from "node:fs"
import { dirname } from "node:path"
import { expect, test, vi } from "vitest"
import { tempPath } from "../../../testing/stores.ts"
import { lmdbStore } from "../src/index.ts"

// `fs-native-extensions` looks for a binary for musl on Alpine, and brings none. It tells Alpine by
// this file, so that other systems can be made to look like it; elsewhere than on Linux it does not.
test.runIf(process.platform === "linux")("on Alpine no file is opened without a lock", async () => {
  vi.spyOn(fs, "existsSync").mockImplementation((path) => path === "/etc/alpine-release")
  const path = await tempPath("made/store.mdb")
  await expect(lmdbStore({ path }).open()).rejects.toMatchObject({
    code: "TIERDEX_UNSUPPORTED_PLATFORM",
    message: expect.stringMatching(/musl.*@tierdex\/adapter-sqlite or @tierdex\/adapter-level/),
    cause: { code: "ADDON_NOT_FOUND" },
  })
  vi.restoreAllMocks()
  expect(existsSync(dirname(path))).toBe(false)
})
