import type { UntypedFilter } from "@tierdex/core"
import fc from "fast-check"
import { isFields } from "./fields.ts"

/**
 * An arbitrary that shrinks further than its parts allow: once they are as small as they get, a
 * value is replaced by any of its `simpler` ones that fails as well, again and again.
 */
export function simplified<V>(
  values: fc.Arbitrary<V>,
  simpler: (value: V) => IterableIterator<V>,
): fc.Arbitrary<V> {
  return new Simplified(values, simpler)
}

class Simplified<V> extends fc.Arbitrary<V> {
  readonly #values: fc.Arbitrary<V>
  readonly #simpler: (value: V) => IterableIterator<V>

  constructor(values: fc.Arbitrary<V>, simpler: (value: V) => IterableIterator<V>) {
    super()
    this.#values = values
    this.#simpler = simpler
  }

  override generate(random: fc.Random, bias: number | undefined): fc.Value<V> {
    return this.#values.generate(random, bias)
  }

  override canShrinkWithoutContext(_value: unknown): _value is V {
    return false
  }

  /** A value made by simplification has no context, and its parts shrink no further. */
  override shrink(value: V, context: unknown): fc.Stream<fc.Value<V>> {
    const simpler = fc.stream(this.#simpler(value))
    const simplerValues = simpler.map((each) => new fc.Value(each, undefined))
    return context === undefined
      ? simplerValues
      : this.#values.shrink(value, context).join(simplerValues)
  }
}

/** Filters with one part less, or with a part of it in place of the whole. */
export function* simplerFilters(filter: UntypedFilter): IterableIterator<UntypedFilter> {
  for (const [name, asked] of Object.entries(filter)) {
    const listed = isLogical(name) ? (asked as readonly UntypedFilter[]) : []
    yield* listed
    yield without(filter, name)
    const parts = isLogical(name)
      ? simplerLists(listed, 1, simplerFilters)
      : simplerOperators(asked)
    for (const part of parts) yield replaced(filter, name, part)
  }
}

function* simplerOperators(operators: unknown): Iterable<unknown> {
  if (!isFields(operators)) return
  const names = Object.keys(operators)
  for (const name of names) {
    const operand = operators[name]
    if (names.length > 1) yield without(operators, name)
    if (name === "$not" || name === "$elemMatch") yield operand
    if (name === "$all" && Array.isArray(operand)) yield* operand.filter(isFields)
    const parts = Array.isArray(operand) ? simplerLists(operand, 0) : simplerOperators(operand)
    if (name !== "$between") for (const part of parts) yield replaced(operators, name, part)
  }
}

function* simplerLists<V>(
  list: readonly V[],
  minLength: number,
  simpler: (element: V) => Iterable<V> = () => [],
): Iterable<readonly V[]> {
  for (const [at, element] of list.entries()) {
    if (list.length > minLength) yield list.toSpliced(at, 1)
    for (const part of simpler(element)) yield list.with(at, part)
  }
}

function isLogical(name: string): boolean {
  return name === "$and" || name === "$or" || name === "$nor"
}

function without<V extends object>(object: V, name: string): V {
  return Object.fromEntries(Object.entries(object).filter(([other]) => other !== name)) as V
}

function replaced<V extends object>(object: V, name: string, part: unknown): V {
  return Object.fromEntries([...Object.entries(without(object, name)), [name, part]]) as V
}
