import * as Plot from "@observablehq/plot"
import { parseHTML } from "linkedom"
import { figure, shortCount } from "../format.ts"
import { shapeOf } from "../ratios.ts"
import type { EngineResult, Results } from "../results.ts"
import { shapes } from "../shapes.ts"
import { scalesOf } from "./look.ts"

const WIDTH = 960
const ROW = 36
const SMALL_ROWS = 28

/** p50 of every shape as a point, with a line to its p99; engines a little below one another. */
export function latencyPlot(engines: readonly EngineResult[]): string {
  const asked = shapes.filter(({ name }) => engines.some((engine) => shapeOf(engine, name)))
  const points = engines.map(({ label, query }) => query.shapes.map((of) => ({ ...of, label })))
  return svg({
    width: WIDTH,
    height: asked.length * ROW + 90,
    marginLeft: 130,
    marginBottom: 40,
    x: { type: "log", label: "milliseconds, p50 to p99", grid: true, tickFormat: figure },
    y: { label: null, domain: asked.map(({ name }) => name) },
    ...withLegend(engines),
    marks: points.flatMap((of, i) => {
      const dy = (i - (points.length - 1) / 2) * Math.min(5, (ROW - 8) / points.length)
      return [
        Plot.ruleY(of, { x1: "p50Ms", x2: "p99Ms", y: "shape", stroke: "label", dy, opacity: 0.5 }),
        Plot.dot(of, { x: "p50Ms", y: "shape", fill: "label", symbol: "label", r: 4, dy }),
      ]
    }),
  })
}

/** A length for each engine, and a tick. */
export interface Length {
  readonly engine: EngineResult
  /** From the axis on, one behind the other, each paler than the one before. */
  readonly parts: readonly number[]
  readonly tick?: number
}

export function barPlot(lengths: readonly Length[], label: string): string {
  const engines = lengths.map(({ engine }) => engine)
  const parts = lengths.flatMap(({ engine, parts }) =>
    parts.map((length, i) => ({ label: engine.label, length, opacity: i === 0 ? 1 : 0.4 })),
  )
  const ends = lengths.map(({ engine, parts, tick = 0 }) => ({
    label: engine.label,
    end: Math.max(tick, sum(parts)),
    text: parts.map(figure).join(" + ") + (tick === 0 ? "" : `, tick ${figure(tick)}`),
  }))
  const ticks = lengths.flatMap(({ engine, tick }) =>
    tick === undefined ? [] : [{ label: engine.label, tick }],
  )
  return svg({
    width: WIDTH,
    height: lengths.length * SMALL_ROWS + 60,
    marginLeft: 150,
    marginRight: 150,
    marginBottom: 40,
    x: { label, grid: true },
    y: { label: null, domain: engines.map(({ label }) => label) },
    color: scalesOf(engines).color,
    marks: [
      Plot.barX(parts, { x: "length", y: "label", fill: "label", fillOpacity: "opacity" }),
      Plot.tickX(ticks, { x: "tick", y: "label", stroke: "currentColor", strokeWidth: 2 }),
      Plot.text(ends, { x: "end", y: "label", text: "text", textAnchor: "start", dx: 6 }),
      Plot.ruleX([0]),
    ],
  })
}

const COLUMNS = 4

/** p50 over the number of records, a panel for each shape. */
export function growthPlot(all: readonly Results[], engines: readonly EngineResult[]): string {
  const names = engines.map(({ engine }) => engine)
  const panels = shapes.filter(({ name }) =>
    all.some((results) => results.engines.some((engine) => shapeOf(engine, name))),
  )
  const at = (i: number) => ({ fx: i % COLUMNS, fy: Math.floor(i / COLUMNS) })
  const points = panels.flatMap(({ name }, i) =>
    measured(all, names, (engine) => shapeOf(engine, name)?.p50Ms).map((p) => ({ ...p, ...at(i) })),
  )
  return svg({
    width: WIDTH,
    height: Math.ceil(panels.length / COLUMNS) * 160 + 60,
    marginLeft: 60,
    marginTop: 30,
    marginBottom: 40,
    fx: { axis: null },
    fy: { axis: null, padding: 0.2 },
    x: recordsScale(all),
    y: { type: "log", label: "p50, milliseconds", grid: true, ticks: 4, tickFormat: figure },
    ...withLegend(engines),
    marks: [
      ...lines(points, { fx: "fx", fy: "fy" }),
      Plot.text(
        panels.map(({ name }, i) => ({ name, ...at(i) })),
        {
          ...{ fx: "fx", fy: "fy", text: "name" },
          ...{ frameAnchor: "top-left", dy: -12, fontWeight: "bold" },
        },
      ),
    ],
  })
}

/** One figure over the number of records. */
export function growthOf(
  all: readonly Results[],
  engines: readonly EngineResult[],
  label: string,
  of: (engine: EngineResult) => number | null | undefined,
): string {
  const names = engines.map(({ engine }) => engine)
  return svg({
    width: WIDTH,
    height: 260,
    marginLeft: 70,
    marginBottom: 40,
    x: recordsScale(all),
    y: { type: "log", label, grid: true, tickFormat: figure },
    ...withLegend(engines),
    marks: lines(measured(all, names, of), {}),
  })
}

function recordsScale(all: readonly Results[]): Plot.ScaleOptions {
  const ticks = all.map(({ records }) => records)
  return { type: "log", label: "records", ticks, tickFormat: shortCount }
}

interface Point {
  readonly label: string
  readonly records: number
  readonly value: number
}

function measured(
  all: readonly Results[],
  names: readonly string[],
  of: (engine: EngineResult) => number | null | undefined,
): Point[] {
  return all.flatMap(({ records, engines }) =>
    engines.flatMap((engine) => {
      const value = of(engine)
      const isAsked = names.includes(engine.engine) && typeof value === "number" && value > 0
      return isAsked ? [{ label: engine.label, records, value }] : []
    }),
  )
}

function lines(points: readonly Point[], facet: { readonly fx?: string; readonly fy?: string }) {
  const at = { ...facet, x: "records", y: "value" }
  return [
    Plot.line(points, { ...at, stroke: "label" }),
    Plot.dot(points, { ...at, fill: "label", symbol: "label", r: 3 }),
  ]
}

function withLegend(engines: readonly EngineResult[]): Plot.PlotOptions {
  const { color, symbol } = scalesOf(engines)
  return { color, symbol: { ...symbol, legend: true } as Plot.ScaleOptions }
}

function svg(options: Plot.PlotOptions): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>")
  const plot = Plot.plot({ ...options, document, style: { fontSize: "12px" } })
  return plot.tagName.toLowerCase() === "figure"
    ? plot.outerHTML
    : `<figure>${plot.outerHTML}</figure>`
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
