import type { FilterNode } from "../../src/filter/node.ts"
import { Kind, type Value } from "../../src/values/kind.ts"
import { toValue } from "../../src/values/scalar.ts"
import { includes } from "../../src/values/value-set.ts"
import { type Fields, isFields, valueAt } from "../oracle.ts"

/** What a parsed filter means, by the definitions of its nodes. */
export function evaluate(node: FilterNode, record: Fields): boolean {
  switch (node.type) {
    case "all":
      return true
    case "none":
      return false
    case "and":
      return node.nodes.every((each) => evaluate(each, record))
    case "or":
      return node.nodes.some((each) => evaluate(each, record))
    case "not":
      return !evaluate(node.node, record)
    case "values": {
      const found = valueAt(record, node.path)
      const values = Array.isArray(found) && found.length > 0 ? found : [found]
      return values.some((each) => includes(node.set, valueFor(each)))
    }
    case "element": {
      const found = valueAt(record, node.path)
      return Array.isArray(found) && found.some((each) => includes(node.set, valueFor(each)))
    }
    case "size": {
      const found = valueAt(record, node.path)
      return Array.isArray(found) && found.length === node.size
    }
  }
}

function valueFor(found: unknown): Value {
  if (found === undefined) return { kind: Kind.missing, payload: 0 }
  if (Array.isArray(found)) return { kind: Kind.emptyArray, payload: 0 }
  if (isFields(found)) return { kind: Kind.object, payload: 0 }
  const value = toValue(found)
  if (typeof value === "string") throw new TypeError(`A record holds ${value}.`)
  return value
}
