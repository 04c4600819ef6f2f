// Removes what builds leave behind; node_modules stays.
import { globSync, rmSync } from "node:fs"
import { join } from "node:path"
import { root } from "./packages.ts"

const built = globSync(
  [
    "packages/*/dist",
    "{packages,examples}/*/.turbo",
    "benchmarks/.turbo",
    ".turbo",
    "**/node_modules/.cache/tsc",
  ],
  { cwd: root, exclude: (path) => path.includes(".pnpm") },
)
for (const path of built) {
  console.log(`removing ${path}`)
  rmSync(join(root, path), { recursive: true, force: true })
}
