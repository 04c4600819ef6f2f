import { fork } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { cpus, loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import type { Report } from "./child.ts"
import { type Job, type Phase, phasesOf, STORES } from "./job.ts"
import { type FloorResult, floorsOf, tablesOf } from "./report.ts"
import { shapes } from "./shapes.ts"

const HELP = `The speed floor: builds an index of generated records, reopens it, asks it.

  --records <n>       how many, such as 200000, 200K or 1M (default 1M)
  --store <name>      ${STORES.join(", ")} (default lmdb)
  --memory <size>     the index's budget (default "256 MiB")
  --durability <d>    os or sync (default os)
  --draws <n>         timed questions of each shape (default 100)
  --shape <name>      ask only this one; may be given again
  --seed <n>          of records and questions (default 1)
  --folder <path>     keep the index there, and use the one that is there already
  --json <file>       write all figures to a file

Flags of Node, such as --cpu-prof, reach the processes that do the work.`

const { values } = parseArgs({
  options: {
    records: { type: "string", default: "1M" },
    store: { type: "string", default: "lmdb" },
    memory: { type: "string", default: "256 MiB" },
    durability: { type: "string", default: "os" },
    draws: { type: "string", default: "100" },
    shape: { type: "string", multiple: true, default: [] },
    seed: { type: "string", default: "1" },
    folder: { type: "string" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
})

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 1e3, M: 1e6 }

async function main(): Promise<void> {
  const folder = values.folder ?? (await mkdtemp(join(tmpdir(), "tierdex-floor-")))
  try {
    const job: Job = {
      records: count("records", values.records),
      store: oneOf("store", values.store, STORES),
      memory: values.memory,
      durability: oneOf("durability", values.durability, ["os", "sync"]),
      seed: count("seed", values.seed),
      draws: count("draws", values.draws),
      shapes: values.shape.map((name) =>
        oneOf(
          "shape",
          name,
          shapes.map((shape) => shape.name),
        ),
      ),
      folder,
    }
    const result = await measure(job)
    console.log(tablesOf(result))
    if (values.json !== undefined) {
      await writeFile(values.json, `${JSON.stringify(result, undefined, 2)}\n`)
    }
  } finally {
    if (values.folder === undefined) await rm(folder, { recursive: true, force: true })
  }
}

async function measure(job: Job): Promise<FloorResult> {
  const [loadBefore] = loadavg()
  const isThere = phasesOf(job).includes("ingest") && existsSync(join(job.folder, "catalogue.idx"))
  await mkdir(job.folder, { recursive: true })
  let report: Report = {}
  for (const phase of phasesOf(job)) {
    if (phase === "ingest" && isThere) continue
    report = { ...report, ...(await runChild(phase, job)) }
  }
  const { ingest = null, query } = report
  if (query === undefined) throw new Error("No process asked the index.")
  return {
    job,
    machine: {
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      cpu: cpus()[0]?.model ?? "unknown",
      cpus: cpus().length,
      load: [loadBefore, loadavg()[0]],
    },
    ingest,
    query,
    floors: floorsOf(ingest, query),
  }
}

/** Does a phase in a process of its own, so that no phase sees the memory of another. */
async function runChild(phase: Phase, job: Job): Promise<Report> {
  const child = fork(join(import.meta.dirname, "child.ts"), [phase, JSON.stringify(job)])
  let report: Report | undefined
  child.on("message", (message: Report) => {
    report = message
  })
  const [code] = await once(child, "exit")
  if (code !== 0 || report === undefined) throw new Error(`The ${phase} process failed (${code}).`)
  return report
}

function count(option: string, text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([KM]?)$/.exec(text) ?? []
  const value = Number(digits) * UNITS[unit]
  if (!(Number.isSafeInteger(value) && value > 0)) {
    throw new Error(`--${option} has to be a whole number from 1, such as 200000, 200K or 1M.`)
  }
  return value
}

function oneOf<const N extends string>(option: string, text: string, names: readonly N[]): N {
  const name = names.find((known) => known === text)
  if (name === undefined) throw new Error(`--${option} has to be one of ${names.join(", ")}.`)
  return name
}

if (values.help) console.log(HELP)
else await main()
