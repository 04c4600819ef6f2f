// Checks each published package as a user would get it: its manifest (publint) and its types (attw).
import { packAll, root, withTemporaryFolder } from "./packages.ts"
import { run } from "./run.ts"

withTemporaryFolder((folder) => {
  for (const tarball of packAll(folder).values()) {
    run("pnpm", ["exec", "publint", "run", tarball, "--strict"], { cwd: root })
    // The packages are ESM, and `require` loads them from Node 22.15 on; attw's default profile would
    // ask for a CommonJS build for older versions. test-packages.ts proves that `require` works.
    run("pnpm", ["exec", "attw", tarball, "--profile", "esm-only"], { cwd: root })
  }
})
