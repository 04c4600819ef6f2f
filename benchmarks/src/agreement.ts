import type { ShapeAnswers } from "./results.ts"

/** Where two engines answered one question differently: a line for each shape. */
export function differencesOf(
  [name, answers]: readonly [engine: string, readonly ShapeAnswers[]],
  [otherName, others]: readonly [engine: string, readonly ShapeAnswers[]],
): string[] {
  const lines: string[] = []
  for (const { shape, answers: mine } of answers) {
    const theirs = others.find((other) => other.shape === shape)?.answers ?? []
    // Either may have left out questions of the warm-up, or the last ones, for want of time.
    const at = mine.findIndex(
      (answer, i) => answer && theirs[i] && String(answer) !== String(theirs[i]),
    )
    if (at === -1) continue
    const rows = `${mine[at][0]} of ${name}, ${theirs[at][0]} of ${otherName}`
    lines.push(`${shape}, question ${at}: the answers differ (rows: ${rows})`)
  }
  return lines
}
