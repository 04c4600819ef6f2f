import type { WriteOp } from "../../src/store/store.ts"
import { WrappedStore } from "../support/wrapped-store.ts"

/** Fails its writes while it is told to, and perhaps carries them out all the same. */
export class SwitchStore extends WrappedStore {
  failing: "no" | "refused" | "carried out" = "no"
  /** Writes wait for it. */
  holding: Promise<void> | undefined

  override async write(
    ops: readonly WriteOp[],
    options: { readonly durable: boolean },
  ): Promise<void> {
    await this.holding
    if (this.failing !== "refused") await this.inner.write(ops, options)
    if (this.failing !== "no") throw new Error("The disk does not answer.")
  }
}
