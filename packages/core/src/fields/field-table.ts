import type { OnUnindexable } from "../api/options.ts"
import { type FieldRules, isPathIndexed, mayHoldIndexed, unindexableAt } from "./field-options.ts"

/** A place in records, with what is known of it. */
export interface FieldNode {
  readonly path: string
  /** The number of the field, or -1 while no record has had a value there. */
  number: number
  readonly isIndexed: boolean
  /** Whether fields below may be indexed. */
  readonly isEntered: boolean
  readonly onUnindexable: OnUnindexable
  readonly children: Map<string, FieldNode>
}

/** Numbers for the paths that records have, in order of appearance; they never change. */
export class FieldTable {
  readonly rules: FieldRules
  readonly root: FieldNode
  readonly #paths: FieldNode[] = []

  constructor(rules: FieldRules, paths: readonly string[] = []) {
    this.rules = rules
    this.root = newNode(rules, "")
    for (const path of paths) this.number(this.nodeAt(path))
  }

  get size(): number {
    return this.#paths.length
  }

  /** The paths by field number. */
  get paths(): string[] {
    return this.#paths.map((node) => node.path)
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

  /** Whether a key of objects at a node is indexed if no option names its path. */
  isIndexedBelow(node: FieldNode): boolean {
    return node.path === "" ? this.rules.include === undefined : node.isIndexed
  }

  child(node: FieldNode, key: string): FieldNode {
    const known = node.children.get(key)
    if (known !== undefined) return known
    const child = newNode(this.rules, node.path === "" ? key : `${node.path}.${key}`)
    node.children.set(key, child)
    return child
  }

  /** The node at a path. */
  nodeAt(path: string): FieldNode {
    return path.split(".").reduce((node, part) => this.child(node, part), this.root)
  }

  /** The number of a node's field, which it now has. */
  number(node: FieldNode): number {
    if (node.number < 0) node.number = this.#paths.push(node) - 1
    return node.number
  }

  /** Takes back the numbers from `size` on, because the record that had them was refused. */
  truncate(size: number): void {
    for (const node of this.#paths.splice(size)) node.number = -1
  }
}

function newNode(rules: FieldRules, path: string): FieldNode {
  return {
    path,
    number: -1,
    isIndexed: path !== "" && isPathIndexed(rules, path),
    isEntered: path === "" || mayHoldIndexed(rules, path),
    onUnindexable: unindexableAt(rules, path),
    children: new Map(),
  }
}
