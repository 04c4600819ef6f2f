import { SingleBar } from "cli-progress"

/** A line that tells how far an engine is; only on a terminal. */
export class ProgressLine {
  readonly #bar: SingleBar | undefined

  constructor() {
    if (!process.stderr.isTTY) return
    this.#bar = new SingleBar({
      format: "{engine}  {bar}  {doing}",
      barsize: 30,
      hideCursor: true,
      clearOnComplete: true,
      barCompleteChar: "█",
      barIncompleteChar: "░",
    })
    this.#bar.start(1, 0, { engine: "", doing: "" })
  }

  update(engine: string, doing: string, share: number): void {
    this.#bar?.update(share, { engine, doing })
  }

  stop(): void {
    this.#bar?.stop()
  }
}
