/** With three digits or so. */
export function figure(value: number): string {
  const maximumFractionDigits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 4
  return value.toLocaleString("en", { maximumFractionDigits })
}

export function megabytes(bytes: number | null | undefined): string {
  return bytes === undefined || bytes === null ? "-" : figure(bytes / 1e6)
}

/** `10K`, `1M` and the like, where nothing is lost by it. */
export function shortCount(count: number): string {
  if (count >= 1e6 && count % 1e5 === 0) return `${count / 1e6}M`
  if (count >= 1e3 && count % 100 === 0) return `${count / 1e3}K`
  return String(count)
}
