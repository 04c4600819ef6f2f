import type { Extent, Facets, StoredFields } from "../api/results.ts"
import type { Path, PathValue, ScalarOf } from "../filter/types.ts"

/*
 * The boundary to the caller's type. What comes out of an index has the type that went in: the
 * compiler cannot know, so it is said here, once for each shape, and nowhere else.
 */

export function toFields<T>(record: Record<string, unknown>): StoredFields<T> {
  if (isFields<T>(record)) return record
  throw new TypeError("A record is an object.")
}

function isFields<T>(record: unknown): record is StoredFields<T> {
  return typeof record === "object"
}

export function toFacets<T, P extends Path<T>>(lists: Record<string, unknown>): Facets<T, P> {
  if (areFacets<T, P>(lists)) return lists
  throw new TypeError("Facets are an object.")
}

function areFacets<T, P extends Path<T>>(lists: unknown): lists is Facets<T, P> {
  return typeof lists === "object"
}

type ExtentOf<T, P extends Path<T>> = Extent<Exclude<ScalarOf<PathValue<T, P>>, null>>

export function toExtent<T, P extends Path<T>>(extent: object): ExtentOf<T, P> {
  if (isExtent<T, P>(extent)) return extent
  throw new TypeError("An extent has two ends.")
}

function isExtent<T, P extends Path<T>>(extent: object): extent is ExtentOf<T, P> {
  return "min" in extent && "max" in extent
}
