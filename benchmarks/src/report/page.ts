import { figure, shortCount } from "../format.ts"
import { OURS } from "../ratios.ts"
import type { EngineResult, Results } from "../results.ts"
import { list, paragraph } from "./html.ts"
import { STYLE } from "./look.ts"
import { barPlot, growthOf, growthPlot, type Length, latencyPlot } from "./plots.ts"
import { barTable, engineTable, latencyTable, losses, ratioTable, shapeTable } from "./tables.ts"

const NOT_MEASURED = [
  "MongoDB and Elasticsearch: servers that neither npm nor Debian brings.",
  "A cold file cache: files are in the system's memory when they are asked.",
  "Several clients at once: one question is asked after the other.",
  "The memory of a PostgreSQL server: the figures are those of its client.",
]

/** A page that needs nothing else. Of results with several numbers of records, the largest first. */
export function pageOf(all: readonly Results[]): string {
  const largestFirst = all.toSorted((a, b) => b.records - a.records)
  const [largest, ...smaller] = largestFirst
  const body = [
    "<h1>tierdex beside other engines</h1>",
    paragraph(
      "The same records, the same questions, one process for each engine. Every answer was " +
        "compared between the engines. Lower is better unless an axis says otherwise.",
    ),
    `<h2>${shortCount(largest.records)} records</h2>`,
    sectionOf(largest),
    ...(smaller.length === 0 ? [] : growth(all.toSorted((a, b) => a.records - b.records))),
    ...smaller.map(
      (results) =>
        `<details><summary>${shortCount(results.records)} records</summary>${sectionOf(results)}</details>`,
    ),
    "<h2>What was asked</h2>",
    shapeTable(),
    "<h2>What was not measured</h2>",
    list([...NOT_MEASURED, ...all.flatMap(leftOutOf)]),
  ]
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>tierdex beside other engines</title><style>${STYLE}</style></head>
<body>${body.join("\n")}</body></html>
`
}

function leftOutOf({ records, leftOut }: Results): string[] {
  return leftOut.map((engine) => `With ${shortCount(records)} records, ${engine}.`)
}

function sectionOf(results: Results): string {
  const { engines } = results
  const ours = engines.filter(({ isOurs }) => isOurs)
  const stored = engines.filter(({ query }) => query.reopen !== null)
  return [
    paragraph(circumstances(results), "quiet"),
    ratioTable(results),
    "<h3>What tierdex loses at</h3>",
    losses(results),
    barTable(results),
    "<h3>Latency</h3>",
    latencyPlot(againstRivals(engines)),
    ...(ours.length > 1 ? ["<h3>Latency of tierdex on its stores</h3>", latencyPlot(ours)] : []),
    "<h3>Ingest</h3>",
    paragraph(
      "Records put, indexed and merged per second; more is better. The tick is the rate with the " +
        "time in which the records are generated, when other threads and servers go on: the truth " +
        "lies between.",
    ),
    barPlot(ingestLengths(engines), "records per second"),
    "<h3>Memory</h3>",
    paragraph(
      "After the questions: RssAnon, then, paler, RssFile, which the system can take back. The " +
        "tick is the peak of RssAnon while ingesting.",
    ),
    barPlot(memoryLengths(engines), "MB"),
    "<h3>Disk</h3>",
    paragraph("Pages in use. The tick is the most that the files took while ingesting."),
    barPlot(diskLengths(stored), "MB"),
    "<h3>All figures</h3>",
    latencyTable(results),
    engineTable(results),
  ].join("\n")
}

function circumstances(results: Results): string {
  const { machine, commit, date, load, draws, trials, seed, memory, durability, versions } = results
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    `${date.slice(0, 10)}, commit ${commit.slice(0, 12)}, Node ${machine.node} on ${machine.platform}`,
    `${machine.cpus} x ${machine.cpu}, ${figure(machine.memoryBytes / 1e9)} GB`,
    `load ${load.map(figure).join(" before, ")} after`,
    `${draws} draws of a shape, ${trials} ${trials === 1 ? "trial" : "trials"}, seed ${seed}`,
    `tierdex with ${memory} and durability ${durability}`,
    packages.join(", "),
  ].join("; ")
}

/** All rivals, and ours on LMDB; without it, all that there is. */
function againstRivals(engines: readonly EngineResult[]): EngineResult[] {
  const chosen = engines.filter(({ engine, isOurs }) => engine === OURS || !isOurs)
  return chosen.some(({ isOurs }) => isOurs) ? chosen : [...engines]
}

function ingestLengths(engines: readonly EngineResult[]): Length[] {
  return engines.flatMap((engine) =>
    engine.ingest === null
      ? []
      : [
          {
            engine,
            parts: [engine.ingest.recordsPerSecond],
            tick: engine.ingest.recordsPerSecondGenerated,
          },
        ],
  )
}

function memoryLengths(engines: readonly EngineResult[]): Length[] {
  const here = engines.filter(({ isServer }) => !isServer)
  return here.map((engine) => {
    const { anonymous, file } = engine.query.steadyMemory
    const peak = engine.ingest?.peakMemory?.anonymous
    const parts = [anonymous, file ?? 0].map((bytes) => bytes / 1e6)
    return { engine, parts, ...(peak !== undefined && { tick: peak / 1e6 }) }
  })
}

function diskLengths(engines: readonly EngineResult[]): Length[] {
  return engines.flatMap((engine) => {
    const { usedBytes, peakFileBytes } = engine.ingest ?? {}
    if (typeof usedBytes !== "number" || peakFileBytes === undefined) return []
    const peak = Math.max(usedBytes, peakFileBytes) / 1e6
    return [{ engine, parts: [usedBytes / 1e6], tick: peak }]
  })
}

function growth(all: readonly Results[]): string[] {
  const engines = new Map<string, EngineResult>()
  for (const results of all) {
    for (const engine of againstRivals(results.engines)) engines.set(engine.engine, engine)
  }
  const shown = Array.from(engines.values())
  const sizes = all.map(({ records }) => shortCount(records)).join(", ")
  return [
    "<h2>Growth</h2>",
    paragraph(`From the runs over ${sizes} records.`),
    growthPlot(all, shown),
    "<h3>Ingest, memory and disk</h3>",
    growthOf(all, shown, "records per second", ({ ingest }) => ingest?.recordsPerSecond),
    growthOf(
      all,
      shown,
      "RssAnon after the questions, MB",
      ({ query }) => query.steadyMemory.anonymous / 1e6,
    ),
    growthOf(
      all,
      shown,
      "disk in use, MB",
      ({ ingest }) => ingest?.usedBytes && ingest.usedBytes / 1e6,
    ),
  ]
}
