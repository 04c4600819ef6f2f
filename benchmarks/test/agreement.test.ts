import { expect, test } from "vitest"
import { differencesOf } from "../src/agreement.ts"
import { answerOf } from "../src/rows.ts"

const answers = (...of: (readonly [number, string] | undefined)[]) => [
  { shape: "eqIds", answers: of as (readonly [number, string])[] },
]

test("answers differ by rows and by their digest", () => {
  const right = answers([2, "a"], [3, "b"])
  expect(differencesOf(["one", right], ["other", right])).toEqual([])
  expect(differencesOf(["one", answers([2, "a"], [4, "b"])], ["other", right])).toEqual([
    "eqIds, question 1: the answers differ (rows: 4 of one, 3 of other)",
  ])
  expect(differencesOf(["one", answers([2, "c"], [3, "b"])], ["other", right])).toHaveLength(1)
})

test("questions that only one was asked are no difference", () => {
  const right = answers([2, "a"], [3, "b"], [4, "c"])
  expect(differencesOf(["one", answers(undefined, [3, "b"])], ["other", right])).toEqual([])
  expect(differencesOf(["one", []], ["other", right])).toEqual([])
})

test("the order counts for pages only", () => {
  expect(answerOf(["a", "b"], "ids")).toEqual(answerOf(["b", "a"], "ids"))
  expect(answerOf(["a", "b"], "page")).not.toEqual(answerOf(["b", "a"], "page"))
  expect(answerOf([["a", 1]], "facet")).not.toEqual(answerOf([["a", 2]], "facet"))
  expect(answerOf(7, "count")).toEqual([7, ""])
})
