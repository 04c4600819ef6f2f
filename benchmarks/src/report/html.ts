/** Text inside of HTML. */
export function text(value: string | number): string {
  return String(value).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}

export interface Row {
  readonly cells: readonly (string | number)[]
  /** Of the whole row. */
  readonly className?: string
}

export function table(head: readonly string[], rows: readonly Row[], className = ""): string {
  const cells = (tag: string, of: Row["cells"]) =>
    of.map((cell) => `<${tag}>${text(cell)}</${tag}>`).join("")
  const body = rows.map(
    ({ cells: of, className: name = "" }) => `<tr class="${name}">${cells("td", of)}</tr>`,
  )
  return `<div class="scroll"><table class="${className}"><thead><tr>${cells("th", head)}</tr></thead>
<tbody>${body.join("\n")}</tbody></table></div>`
}

export function list(items: readonly string[]): string {
  return `<ul>${items.map((item) => `<li>${text(item)}</li>`).join("\n")}</ul>`
}

export function paragraph(content: string, className = ""): string {
  return `<p class="${className}">${text(content)}</p>`
}
