/**
 * Lets everything else that is due have its turn. A store that works on the calling thread needs it
 * after each step: a loop of awaited calls would let nothing else run.
 */
export function nextTurn(): Promise<void> {
  return new Promise((go) => setImmediate(go))
}
