import type { OnUnindexable } from "../api/options.ts"
import { type FieldRules, isPathIndexed, mayHoldIndexed } from "./field-options.ts"
import { isName } from "./path.ts"

/** A place in records, with what is known of it. */
export interface FieldNode {
  readonly path: string
  /** Its last name in the path. */
  readonly key: string
  /** Undefined for the root. */
  readonly parent: FieldNode | undefined
  /** The number of the field, or -1 while no record has had a value there. */
  number: number
  readonly isIndexed: boolean
  /** Whether fields below may be indexed. */
  isEntered: boolean
  /** Whether the rules name it, or something below. */
  isNamed: boolean
  readonly onUnindexable: OnUnindexable
  /**
   * Those that have a number or are named by the rules, and what lies on the way to them. Keys may
   * be data: others are forgotten, or there would be no end to them.
   */
  readonly children: Map<string, FieldNode>
}

/** The fields of a write that is under way: until it is kept or released they keep their numbers. */
export interface FieldClaim {
  /** All its fields have numbers below. */
  end: number
}

/**
 * Numbers for the paths that records have, in order of appearance. Those of committed writes never
 * change; others are taken back when the write that brought them is refused.
 */
export class FieldTable {
  readonly rules: FieldRules
  readonly root: FieldNode
  readonly #paths: FieldNode[] = []
  #kept: number
  readonly #claims = new Set<FieldClaim>()
  /** What `include` or else `exclude` lists. */
  readonly #listed: ReadonlySet<string>
  readonly #modes: ReadonlyMap<string, OnUnindexable>

  constructor(rules: FieldRules, paths: readonly string[] = []) {
    this.rules = rules
    this.#listed = new Set(rules.include ?? rules.exclude)
    this.#modes = new Map(rules.paths)
    this.root = {
      path: "",
      key: "",
      parent: undefined,
      number: -1,
      isIndexed: false,
      isEntered: true,
      isNamed: true,
      onUnindexable: rules.onUnindexable,
      children: new Map(),
    }
    for (const path of this.#listed) {
      // Rules may name what no field can be.
      if (path.split(".").every(isName)) this.#name(this.nodeAt(path))
    }
    for (const path of paths) this.number(this.nodeAt(path))
    this.#kept = paths.length
  }

  get size(): number {
    return this.#paths.length
  }

  /** The paths by field number. */
  get paths(): string[] {
    return this.#paths.map((node) => node.path)
  }

  /** Those that committed writes have brought. */
  get keptPaths(): string[] {
    return this.paths.slice(0, this.#kept)
  }

  /** How many fields committed writes have brought. */
  get kept(): number {
    return this.#kept
  }

  path(field: number): string {
    return this.#paths[field]?.path ?? `#${field}`
  }

  /** The number of a path, or undefined if no record has had it. */
  find(path: string): number | undefined {
    let node: FieldNode | undefined = this.root
    for (const part of path.split(".")) node = node?.children.get(part)
    return node === undefined || node.number < 0 ? undefined : node.number
  }

  isIndexed(path: string): boolean {
    return isPathIndexed(this.rules, path)
  }

  /** Whether the values at a path, or at some path below it, are indexed. */
  mayHoldIndexed(path: string): boolean {
    return mayHoldIndexed(this.rules, path)
  }

  /** Whether a key of objects at a node is indexed if it is not among the node's children. */
  isIndexedBelow(node: FieldNode): boolean {
    return node.path === "" ? this.rules.include === undefined : node.isIndexed
  }

  /** The node of a key; it is kept once it has a number. */
  child(node: FieldNode, key: string): FieldNode {
    return node.children.get(key) ?? this.#newNode(node, key)
  }

  /** The node at a path. */
  nodeAt(path: string): FieldNode {
    return path.split(".").reduce((node, part) => this.child(node, part), this.root)
  }

  /** The number of a node's field, which it now has. */
  number(node: FieldNode): number {
    if (node.number < 0) {
      keep(node)
      node.number = this.#paths.push(node) - 1
    }
    return node.number
  }

  /** Claims all numbers below `end`, which may be raised, until the claim is released. */
  claim(end = 0): FieldClaim {
    const claim = { end }
    this.#claims.add(claim)
    return claim
  }

  /** Keeps all numbers below `end` for good. */
  keep(end: number): void {
    this.#kept = Math.max(this.#kept, end)
  }

  /** Ends a claim. Numbers that nothing else keeps or claims are taken back, from the last one. */
  release(claim: FieldClaim): void {
    if (this.#claims.delete(claim)) this.truncate(this.#kept)
  }

  /** Takes back the numbers from `size` on, so far as they are neither kept nor claimed. */
  truncate(size: number): void {
    if (size >= this.size) return
    let end = Math.max(size, this.#kept)
    for (const claim of this.#claims) end = Math.max(end, claim.end)
    for (const node of this.#paths.splice(end)) {
      node.number = -1
      if (!node.isNamed) node.parent?.children.delete(node.key)
    }
  }

  /** Keeps a node for good, since the rules name it. */
  #name(node: FieldNode): void {
    keep(node)
    for (let at: FieldNode | undefined = node; at !== undefined && !at.isNamed; at = at.parent) {
      at.isNamed = true
      at.isEntered ||= node.isIndexed
    }
  }

  #newNode(parent: FieldNode, key: string): FieldNode {
    const path = parent.path === "" ? key : `${parent.path}.${key}`
    const isListed = this.#listed.has(path)
    const inherits = this.isIndexedBelow(parent)
    const isIndexed =
      this.rules.include === undefined ? inherits && !isListed : inherits || isListed
    return {
      path,
      key,
      parent,
      number: -1,
      isIndexed,
      isEntered: isIndexed,
      isNamed: false,
      onUnindexable: this.#modes.get(path) ?? parent.onUnindexable,
      children: new Map(),
    }
  }
}

/** Makes a node, and all above it, children of their parents. */
function keep(node: FieldNode): void {
  const { parent, key } = node
  if (parent === undefined || parent.children.get(key) === node) return
  parent.children.set(key, node)
  keep(parent)
}
