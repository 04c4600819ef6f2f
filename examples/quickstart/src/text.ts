import { stripVTControlCharacters } from "node:util"

export function formatNumber(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 5 })
}

export function formatMs(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`
}

export function formatMib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}

/** Columns on the screen that a text takes, colours apart. */
export function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length
}

/** Rows of cells as lines; a column of numbers ends flush, any other begins so. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ""))),
  )
  const areNumbers = widths.map((_, column) =>
    rows.every((row) => /^-?[\d,.]*$/.test(stripVTControlCharacters(row[column] ?? ""))),
  )
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const padding = " ".repeat(widths[column] - widthOf(cell))
        return areNumbers[column] ? padding + cell : cell + padding
      })
      .join("  ")
      .trimEnd(),
  )
}
