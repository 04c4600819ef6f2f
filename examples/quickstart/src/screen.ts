import { SingleBar } from "cli-progress"
import type { Answered, Question } from "./question.ts"
import { accent, bold, dim, highlight } from "./style.ts"
import { alignColumns, formatMs, formatNumber } from "./text.ts"

const WIDTH = 78

/** A line across the screen with a title, and something at its end. */
export function heading(title: string, end = ""): void {
  const tail = end === "" ? "" : ` ${end}`
  const rule = "─".repeat(Math.max(3, WIDTH - 4 - title.length - tail.length))
  console.log(`\n${dim("──")} ${bold(accent(title))} ${dim(rule)}${dim(tail)}`)
}

export function say(text: string): void {
  console.log(text)
}

export function indented(lines: readonly string[]): void {
  for (const line of lines) console.log(line === "" ? "" : `    ${line}`)
}

export function answered(number: number, { topic, text, code }: Question, answer: Answered): void {
  heading(`${number} ${topic}`, formatMs(answer.elapsedMs))
  say(text)
  say("")
  indented(highlight(code).split("\n"))
  say("")
  indented(answer.lines)
}

/** Name, figure and remark in each row. */
export function facts(rows: readonly (readonly [string, string, string?])[]): void {
  const figures = rows.map(([, figure]) => figure.length)
  const widest = Math.max(...figures)
  indented(
    alignColumns(
      rows.map(([name, figure, remark]) => [
        name,
        bold(figure.padStart(widest)),
        ...(remark === undefined ? [] : [dim(remark)]),
      ]),
    ),
  )
}

export interface ProgressBar {
  update(done: number): void
  stop(): void
}

/** A bar that moves; where the output is no terminal, a line for each quarter. */
export function progressBar(total: number, unit: string): ProgressBar {
  if (process.stdout.isTTY) {
    const format = `    {bar} {percentage} %  {count} of ${formatNumber(total)} ${unit}`
    const bar = new SingleBar({
      format,
      barsize: 40,
      hideCursor: true,
      barCompleteChar: "█",
      barIncompleteChar: "░",
    })
    bar.start(total, 0, { count: "0" })
    return {
      update: (done) => bar.update(done, { count: formatNumber(done) }),
      stop: () => bar.stop(),
    }
  }
  let quarters = 0
  return {
    update(done) {
      while (quarters < 4 && done >= (total * (quarters + 1)) / 4) {
        quarters++
        indented([`${String(quarters * 25).padStart(3)} %  ${formatNumber(done)} ${unit}`])
      }
    },
    stop() {},
  }
}
