import { fork } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { cpus, loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import Table from "cli-table3"
import { runTrial, type Trial, type TrialJob, VARIANTS } from "./store-trial.ts"

const HELP = `The stores beside one another, without an index: batches, reads, scans, deleting.

  --store <name>   measure only this one; may be given again. One of
                   ${Object.keys(VARIANTS).join(", ")}
  --pages <n>      pages that bulk writing writes, a multiple of 64 (default 8000)
  --trials <n>     processes per store; figures are their medians (default 5)
  --json <file>    write all figures to a file

nxtedition is RocksDB by the package @nxtedition/rocksdb, rocksdb by rocksdb-native.`

const { values } = parseArgs({
  options: {
    store: { type: "string", multiple: true, default: Object.keys(VARIANTS).slice(0, 5) },
    pages: { type: "string", default: "8000" },
    trials: { type: "string", default: "5" },
    json: { type: "string" },
    trial: { type: "string" },
    help: { type: "boolean", default: false },
  },
})

async function main(): Promise<void> {
  for (const name of values.store) {
    if (!Object.hasOwn(VARIANTS, name)) throw new Error(`--store: there is no ${name}.`)
  }
  const pages = Math.ceil(Number(values.pages) / 64) * 64
  const trials = Object.fromEntries(values.store.map((name) => [name, [] as Trial[]]))
  const loadBefore = loadavg()[0]
  // Round by round, so that a busy minute of the machine meets all of them.
  for (let round = 0; round < Number(values.trials); round++) {
    for (const variant of values.store) trials[variant].push(await runChild({ variant, pages }))
  }
  const medians = Object.fromEntries(
    Object.entries(trials).map(([name, results]) => [name, medianOf(results)]),
  )
  const load = [loadBefore, loadavg()[0]].map((n) => n.toFixed(1)).join(" -> ")
  console.log(
    `Node ${process.version}, ${process.platform}-${process.arch}, ${cpus().length} x ${cpus()[0]?.model}, ` +
      `load ${load}, ${pages} pages, median of ${values.trials} processes each`,
  )
  console.log(tableOf(medians))
  if (values.json !== undefined) {
    await writeFile(values.json, `${JSON.stringify({ pages, trials, medians }, undefined, 2)}\n`)
  }
}

async function runChild(job: Omit<TrialJob, "folder">): Promise<Trial> {
  const folder = await mkdtemp(join(tmpdir(), "tierdex-stores-"))
  try {
    const child = fork(import.meta.filename, ["--trial", JSON.stringify({ ...job, folder })], {
      execArgv: ["--expose-gc"],
    })
    let trial: Trial | undefined
    child.on("message", (message: Trial) => {
      trial = message
    })
    const [code] = await once(child, "exit")
    if (trial === undefined) throw new Error(`The process of ${job.variant} failed (${code}).`)
    return trial
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function medianOf(trials: readonly Trial[]): Trial {
  const names = Object.keys(trials[0]) as (keyof Trial)[]
  const median = (name: keyof Trial) => {
    const sorted = trials.map((trial) => trial[name]).sort((a, b) => a - b)
    return sorted[sorted.length >> 1]
  }
  return Object.fromEntries(names.map((name) => [name, median(name)])) as unknown as Trial
}

function tableOf(medians: Readonly<Record<string, Trial>>): string {
  const stores = Object.keys(medians)
  const table = new Table({
    head: ["", ...stores],
    colAligns: ["left", ...stores.map(() => "right" as const)],
    style: { head: [], border: [], compact: true },
  })
  for (const name of Object.keys(medians[stores[0]]) as (keyof Trial)[]) {
    table.push([name, ...stores.map((store) => figure(medians[store][name]))])
  }
  return table.toString()
}

function figure(value: number): string {
  const maximumFractionDigits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return value.toLocaleString("en", { maximumFractionDigits })
}

if (values.help) {
  console.log(HELP)
} else if (values.trial !== undefined) {
  const trial = await runTrial(JSON.parse(values.trial))
  process.send?.(trial)
  process.disconnect?.()
} else {
  await main()
}
