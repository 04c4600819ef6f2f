/** Below this a loop beats the call of `set` and the view that it needs. */
const SHORT = 48

/** Copies `source` from `from` up to `to` into `target` at `at`; returns how many bytes that are. */
export function copyBytes(
  source: Uint8Array,
  from: number,
  to: number,
  target: Uint8Array,
  at: number,
): number {
  const length = to - from
  if (length < SHORT) for (let i = 0; i < length; i++) target[at + i] = source[from + i]
  else target.set(source.subarray(from, to), at)
  return length
}
