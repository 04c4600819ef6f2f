import type { Explanation, Extent, FacetCount } from "@tierdex/core"
import { bold, dim } from "./style.ts"
import { alignColumns, formatNumber } from "./text.ts"

/** Answers in lines for the terminal. */

/** What `find` found. */
interface Page {
  readonly ids: readonly string[]
  readonly records?: readonly object[]
}

const BAR_WIDTH = 40
const IDS_SHOWN = 6

export function number(answer: number): string[] {
  return [bold(formatNumber(answer))]
}

export function fields(answer: object | undefined): string[] {
  const entries = Object.entries(answer ?? {})
  return alignColumns(entries.map(([name, value]) => [dim(name), formatValue(value)]))
}

export function page({ ids, records = [] }: Page): string[] {
  return table(records, ids, 1)
}

export function twoPages(pages: readonly Page[]): string[] {
  const [left, right] = pages.map(({ ids, records = [] }, i) => table(records, ids, i * 10 + 1))
  return alignColumns(left.map((line, i) => [line, "  ", right[i] ?? ""]))
}

/** Numbered rows; without a name among the fields the id stands for it. */
function table(records: readonly object[], ids: readonly string[], first: number): string[] {
  const rows = records.map((record, i) => {
    const cells = Object.entries(record).map(([, value]) => formatValue(value))
    return [dim(String(first + i)), ...("name" in record ? [] : [dim(`#${ids[i]}`)]), ...cells]
  })
  return rows.length === 0 ? [dim("none")] : alignColumns(rows)
}

export function bars(facets: Readonly<Record<string, readonly FacetCount<unknown>[]>>): string[] {
  return Object.values(facets).flatMap((counts) => {
    const greatest = Math.max(1, ...counts.map(({ count }) => count))
    return alignColumns(
      counts.map(({ value, count }) => [
        String(value),
        formatNumber(count),
        "█".repeat(Math.max(1, Math.round((count / greatest) * BAR_WIDTH))),
      ]),
    )
  })
}

export function range(extent: Extent<number> | undefined): string[] {
  if (extent === undefined) return [dim("none")]
  return [`${bold(formatValue(extent.min))} ${dim("to")} ${bold(formatValue(extent.max))}`]
}

export function ids(answer: readonly string[]): string[] {
  const shown = answer.slice(0, IDS_SHOWN).join(", ")
  const more = answer.length > IDS_SHOWN ? ", ..." : ""
  return [`${bold(formatNumber(answer.length))} ${dim("ids:")} ${shown}${more}`]
}

export function plan(answer: Explanation): string[] {
  const { estimatedRecords, matchedRecords, order, pagesTouched, pagesRead, parts } = answer
  const clauses = parts.flatMap(({ part, segment, records, clauses }) => [
    [bold(segment === undefined ? part : `${part} ${segment}`), `${formatNumber(records)} records`],
    ...clauses.map(({ clause, estimatedRecords, access }) => [
      `  ${clause}`,
      `${formatNumber(estimatedRecords)} expected`,
      dim(`by ${access}`),
    ]),
  ])
  return [
    ...alignColumns(clauses),
    `${bold(formatNumber(matchedRecords))} records match, ${formatNumber(estimatedRecords)} were ` +
      `expected; put in order by ${order}`,
    `${formatNumber(pagesTouched)} pages touched, ${formatNumber(pagesRead)} of them read`,
  ]
}

function formatValue(value: unknown): string {
  return typeof value === "number" ? formatNumber(value) : String(value)
}
