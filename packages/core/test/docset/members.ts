import fc from "fast-check"
import { randomFrom } from "../support/random.ts"

/** How the members of a set lie in its universe. Places and lengths scale with the universe. */
type Shape =
  | { shape: "none" | "all" }
  | { shape: "one" | "allButOne"; place: number }
  | { shape: "every"; step: number; offset: number }
  | { shape: "range"; from: number; to: number }
  | { shape: "random"; density: number; seed: number }
  | { shape: "runs"; members: number; gaps: number; seed: number }

const unit = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })

const shapes: fc.Arbitrary<Shape> = fc.oneof(
  fc.record({ shape: fc.constantFrom("none" as const, "all" as const) }),
  fc.record({ shape: fc.constantFrom("one" as const, "allButOne" as const), place: unit }),
  fc.record({
    shape: fc.constant("every" as const),
    step: fc.integer({ min: 2, max: 70 }),
    offset: fc.nat(69),
  }),
  fc.record({ shape: fc.constant("range" as const), from: unit, to: unit }),
  fc.record({
    shape: fc.constant("random" as const),
    density: fc.constantFrom(0.0005, 0.004, 0.03, 0.04, 0.2, 0.5, 0.9, 0.99),
    seed: fc.integer(),
  }),
  fc.record({
    shape: fc.constant("runs" as const),
    members: fc.constantFrom(1, 3, 40, 500, 5000),
    gaps: fc.constantFrom(1, 3, 40, 500, 5000),
    seed: fc.integer(),
  }),
)

function membersOf(shape: Shape, universe: number): number[] {
  const all = () => Array.from({ length: universe }, (_, i) => i)
  switch (shape.shape) {
    case "none":
      return []
    case "all":
      return all()
    case "one":
      return universe === 0 ? [] : [Math.floor(shape.place * universe)]
    case "allButOne": {
      const gap = Math.floor(shape.place * universe)
      return all().filter((ordinal) => ordinal !== gap)
    }
    case "every":
      return all().filter((ordinal) => (ordinal + shape.offset) % shape.step === 0)
    case "range": {
      const [from, to] = [shape.from * universe, shape.to * universe]
      return all().filter((ordinal) => ordinal >= from && ordinal < to)
    }
    case "random": {
      const random = randomFrom(shape.seed)
      return all().filter(() => random() < shape.density)
    }
    case "runs": {
      const random = randomFrom(shape.seed)
      const members: number[] = []
      let at = Math.floor(random() * shape.gaps)
      while (at < universe) {
        const end = Math.min(universe, at + 1 + Math.floor(random() * shape.members * 2))
        while (at < end) members.push(at++)
        at += 1 + Math.floor(random() * shape.gaps * 2)
      }
      return members
    }
  }
}

/** Ascending distinct ordinals below a universe: empty, full, single, alternating, runs, random. */
export function membersBelow(universe: number): fc.Arbitrary<number[]> {
  return shapes.map((shape) => membersOf(shape, universe))
}

/** Universes around the edges of words and of the forms of a set. */
export const universes: fc.Arbitrary<number> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 31, 32, 33, 64, 127, 128, 4096, 65_536, 65_537) },
  { weight: 2, arbitrary: fc.nat(500) },
  { weight: 2, arbitrary: fc.nat(30_000) },
)

/** Bit words of a set. */
export function wordsOf(members: readonly number[], universe: number): Uint32Array {
  const words = new Uint32Array(Math.ceil(universe / 32))
  for (const member of members) words[Math.floor(member / 32)] |= 1 << (member % 32)
  return words
}
