import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { run } from "./run.ts"

export const root = join(import.meta.dirname, "..")

export interface PublishedPackage {
  name: string
  directory: string
}

/** Every package under packages/ that goes to the registry. */
export function publishedPackages(): PublishedPackage[] {
  return readdirSync(join(root, "packages"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(root, "packages", entry.name))
    .map((directory) => ({ directory, manifest: readManifest(directory) }))
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ directory, manifest }) => ({ name: manifest.name, directory }))
}

/** Packs every published package, as it would be uploaded, and returns name -> tarball. */
export function packAll(destination: string): Map<string, string> {
  const tarballs = new Map<string, string>()
  for (const { name, directory } of publishedPackages()) {
    const tarball = join(destination, `${name.replace("@", "").replace("/", "-")}.tgz`)
    run("pnpm", ["pack", "--out", tarball], { cwd: directory, capture: true })
    tarballs.set(name, tarball)
  }
  return tarballs
}

/** Runs `body` with an empty temporary folder, which is gone afterwards. */
export function withTemporaryFolder(body: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "tierdex-"))
  try {
    body(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function readManifest(directory: string): { name: string; private?: boolean } {
  return JSON.parse(readFileSync(join(directory, "package.json"), "utf8"))
}
