/** Counts the turns of the event loop from now on: what lets other work run lets it count. */
export function countTurns(): { readonly turns: number; stop(): void } {
  let turns = 0
  let next = setImmediate(function turn() {
    turns++
    next = setImmediate(turn)
  })
  return {
    get turns() {
      return turns
    },
    stop: () => clearImmediate(next),
  }
}
