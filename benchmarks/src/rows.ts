import { hash } from "node:crypto"
import type { Rows, RowsKind } from "./shapes.ts"

/** What is compared of an answer: how many rows, and a digest of them. */
export type Answer = readonly [found: number, digest: string]

export function answerOf(rows: Rows, kind: RowsKind): Answer {
  if (typeof rows === "number") return [rows, ""]
  const texts = rows.map((row) => (typeof row === "string" ? row : `${row[0]}: ${row[1]}`))
  if (kind !== "page") texts.sort()
  return [rows.length, hash("sha1", texts.join("\n"), "base64url").slice(0, 12)]
}
