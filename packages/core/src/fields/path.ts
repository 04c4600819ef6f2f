/** Whether a value is a path: names separated by single dots. */
export function isPath(value: unknown): value is string {
  return typeof value === "string" && value.split(".").every((part) => part !== "")
}
