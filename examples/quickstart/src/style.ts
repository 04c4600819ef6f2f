import { styleText } from "node:util"

// `styleText` leaves text alone when NO_COLOR is set or nobody looks at the terminal.

export const bold = (text: string) => styleText("bold", text)
export const dim = (text: string) => styleText("dim", text)
export const accent = (text: string) => styleText("cyan", text)

const TOKEN =
  /(?<string>"[^"]*")|(?<keyword>\b(?:await|const|let|for|of|return|async)\b)|(?<operator>\$\w+)|(?<number>\b\d[\d_.]*\b)/g

/** JavaScript with its strings, keywords, operators and numbers in colours. */
export function highlight(code: string): string {
  return code.replace(TOKEN, (text, string, keyword, operator) => {
    if (string !== undefined) return styleText("green", text)
    if (keyword !== undefined) return styleText("magenta", text)
    return styleText(operator !== undefined ? "cyan" : "yellow", text)
  })
}
