import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, test } from "vitest"
import { pages } from "./pages.ts"

const ROOT = join(import.meta.dirname, "../..")

describe.each(pages())("%s", (page) => {
  const text = readFileSync(join(ROOT, page), "utf8")

  test("has links that lead somewhere", () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link]) => link)
    expect(links.filter((link) => !leadsSomewhere(page, link))).toEqual([])
  })

  test("names files that exist", () => {
    const named = [...text.matchAll(/`([\w./-]+\.ts)`/g)].map(([, file]) => file)
    const known = globSync("packages/core/{src,test}/**/*.ts", { cwd: ROOT })
    const missing = named.filter(
      (file) => !known.some((path) => `/${path.replaceAll("\\", "/")}`.endsWith(`/${file}`)),
    )
    expect(missing).toEqual([])
  })
})

function leadsSomewhere(page: string, link: string): boolean {
  const [path, anchor] = link.split("#")
  const target = path === "" ? join(ROOT, page) : join(ROOT, dirname(page), path)
  if (!existsSync(target)) return false
  return anchor === undefined || headings(target).includes(anchor)
}

/** The anchors of a page's headings. */
function headings(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  )
}
