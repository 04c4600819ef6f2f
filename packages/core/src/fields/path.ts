/** Whether a value is a path: names separated by single dots. */
export function isPath(value: unknown): value is string {
  return typeof value === "string" && value.split(".").every((part) => part !== "")
}

/** Whether a key of an object can be a name in the path of a field. */
export function isName(key: string): boolean {
  return key !== "" && !key.includes(".") && !key.startsWith("$") && key.isWellFormed()
}
