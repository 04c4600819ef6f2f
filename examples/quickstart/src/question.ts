import type { IndexReader } from "@tierdex/core"
import type { City } from "./cities.ts"

interface QuestionParts<A> {
  readonly topic: string
  readonly text: string
  /** Shown as it is written here, so it says nothing but the question. */
  readonly ask: (cities: IndexReader<City>) => Promise<A>
  /** The answer in lines for the terminal. */
  readonly show: (answer: A) => readonly string[]
  /** What must be the same when it is asked again; all of it unless said. */
  readonly lasting?: (answer: A) => unknown
}

export interface Answered {
  /** What must be the same when the question is asked again. */
  readonly answer: unknown
  readonly lines: readonly string[]
  readonly elapsedMs: number
}

export interface Question {
  readonly topic: string
  readonly text: string
  /** The code that asks. */
  readonly code: string
  ask(cities: IndexReader<City>): Promise<Answered>
}

export function question<A>({ topic, text, ask, show, lasting }: QuestionParts<A>): Question {
  return {
    topic,
    text,
    code: sourceOf(ask.toString()),
    async ask(cities) {
      const start = performance.now()
      const answer = await ask(cities)
      const elapsedMs = performance.now() - start
      return { answer: lasting?.(answer) ?? answer, lines: show(answer), elapsedMs }
    },
  }
}

/** The body of an arrow function as it was written, at the left margin. */
function sourceOf(text: string): string {
  const body = text.replace(/^(async )?\(cities\) =>\s*/, "")
  const isBlock = body.startsWith("{")
  const lines = (isBlock ? body.slice(1, body.lastIndexOf("}")) : body).split("\n")
  // The first line of an expression has lost its indent; the last one has that of the whole.
  const measured = isBlock ? lines.filter((line) => line.trim() !== "") : lines.slice(-1)
  const indent = Math.min(...measured.map((line) => line.search(/\S|$/)))
  return lines
    .map((line, i) => (i === 0 && !isBlock ? line : line.slice(indent)).trimEnd())
    .join("\n")
    .trim()
}
