import { parseArgs } from "node:util"
import type { Durability } from "@tierdex/core"
import { ENGINES, entryOf } from "./engines.ts"
import { shapes } from "./shapes.ts"

export const HELP = `The matrix: engines side by side, on the same records and the same questions.

  --records <n,...>    how many, such as 200000, 10K or 1M (default 100K,1M)
  --engines <a,...>    or all (default ${"tierdex-lmdb,tierdex-memory,sqlite,duckdb"}), of
                       ${Object.keys(ENGINES).join(", ")}
                       or the path of a module like theirs
  --shapes <a,...>     ask only these
  --draws <n>          timed questions of each shape (default 100)
  --trials <n>         processes per engine; figures are their medians (default 1)
  --seed <n>           of records and questions (default 1)
  --memory <size>      the budget of tierdex (default "256 MiB")
  --durability <d>     of tierdex: os or sync (default os)
  --out <folder>       write the results there, one file for each number of records
  --keep <folder>      keep the engines' files there, and ask those that are there already;
                       shapes that write are left out, unless --shapes names them

Flags of Node, such as --cpu-prof, reach the processes that do the work.`

const QUICK = ["tierdex-lmdb", "tierdex-memory", "sqlite", "duckdb"]

export interface Options {
  readonly records: readonly number[]
  readonly engines: readonly string[]
  readonly shapes: readonly string[]
  readonly draws: number
  readonly trials: number
  readonly seed: number
  readonly memory: string
  readonly durability: Durability
  readonly out: string | undefined
  readonly keep: string | undefined
}

/** Undefined: help was asked for. */
export function optionsOf(args: string[]): Options | undefined {
  const { values } = parseArgs({
    // pnpm hands on the `--` that is written before the options.
    args: args.filter((arg, i) => !(i === 0 && arg === "--")),
    options: {
      records: { type: "string", default: "100K,1M" },
      engines: { type: "string", default: QUICK.join() },
      shapes: { type: "string" },
      draws: { type: "string", default: "100" },
      trials: { type: "string", default: "1" },
      seed: { type: "string", default: "1" },
      memory: { type: "string", default: "256 MiB" },
      durability: { type: "string", default: "os" },
      out: { type: "string" },
      keep: { type: "string" },
      help: { type: "boolean", default: false },
    },
  })
  if (values.help) return undefined
  const all = shapes.filter((shape) => values.keep === undefined || !shape.writes)
  const names = shapes.map(({ name }) => name)
  return {
    records: values.records.split(",").map((text) => count("records", text)),
    engines:
      values.engines === "all" ? Object.keys(ENGINES) : values.engines.split(",").map(engine),
    shapes:
      values.shapes?.split(",").map((name) => oneOf("shapes", name, names)) ??
      all.map(({ name }) => name),
    draws: count("draws", values.draws),
    trials: count("trials", values.trials),
    seed: count("seed", values.seed),
    memory: values.memory,
    durability: oneOf("durability", values.durability, ["os", "sync"]),
    out: values.out,
    keep: values.keep,
  }
}

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 1e3, M: 1e6 }

function count(option: string, text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([KM]?)$/.exec(text) ?? []
  const value = Number(digits) * UNITS[unit]
  if (!(Number.isSafeInteger(value) && value > 0)) {
    throw new Error(`--${option}: ${text} has to be a whole number, such as 200000, 200K or 1M.`)
  }
  return value
}

function engine(name: string): string {
  if (/[/\\]/.test(name)) return entryOf(name).module
  return oneOf("engines", name, Object.keys(ENGINES))
}

function oneOf<const N extends string>(option: string, text: string, names: readonly N[]): N {
  const name = names.find((known) => known === text)
  if (name === undefined) throw new Error(`--${option}: ${text} has to be of ${names.join(", ")}.`)
  return name
}
