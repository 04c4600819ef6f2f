/** The medians of values that are built alike, number by number; what is no number as in the first. */
export function medianOf<T>(values: readonly T[]): T {
  return median(values) as T
}

function median(values: readonly unknown[]): unknown {
  const [first] = values
  if (typeof first === "number") {
    const sorted = (values as number[]).toSorted((a, b) => a - b)
    return sorted[sorted.length >> 1]
  }
  if (Array.isArray(first)) {
    return first.map((_, i) => median((values as unknown[][]).map((value) => value[i])))
  }
  if (typeof first !== "object" || first === null) return first
  const objects = values as Record<string, unknown>[]
  return Object.fromEntries(
    Object.keys(first).map((key) => [key, median(objects.map((object) => object[key]))]),
  )
}
