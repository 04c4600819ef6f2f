import { complement, type ValueSet } from "../values/value-set.ts"
import type { FilterNode } from "./node.ts"

// Nodes without the trivial: nested `and` in `and`, double negation, constants inside.

export const ALL: FilterNode = { type: "all" }
export const NONE: FilterNode = { type: "none" }

export function and(nodes: readonly FilterNode[]): FilterNode {
  const parts = nodes.flatMap((node) => (node.type === "and" ? node.nodes : node))
  if (parts.some((node) => node.type === "none")) return NONE
  const kept = parts.filter((node) => node.type !== "all")
  return kept.length === 0 ? ALL : kept.length === 1 ? kept[0] : { type: "and", nodes: kept }
}

export function or(nodes: readonly FilterNode[]): FilterNode {
  const parts = nodes.flatMap((node) => (node.type === "or" ? node.nodes : node))
  if (parts.some((node) => node.type === "all")) return ALL
  const kept = parts.filter((node) => node.type !== "none")
  return kept.length === 0 ? NONE : kept.length === 1 ? kept[0] : { type: "or", nodes: kept }
}

export function not(node: FilterNode): FilterNode {
  if (node.type === "not") return node.node
  if (node.type === "all") return NONE
  return node.type === "none" ? ALL : { type: "not", node }
}

export function values(path: string, set: ValueSet): FilterNode {
  if (set.length === 0) return NONE
  return complement(set).length === 0 ? ALL : { type: "values", path, set }
}

/** `set` holds kinds that elements can have. */
export function element(path: string, set: ValueSet): FilterNode {
  return set.length === 0 ? NONE : { type: "element", path, set }
}
