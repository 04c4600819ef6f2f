import { copies } from "./engine/copies.ts"
import { engine } from "./engine/engine.ts"
import type { Scenario } from "./scenario.ts"
import { batches } from "./scenarios/batches.ts"
import { capabilities } from "./scenarios/capabilities.ts"
import { concurrency } from "./scenarios/concurrency.ts"
import { deleteRange } from "./scenarios/delete-range.ts"
import { files } from "./scenarios/files.ts"
import { keys } from "./scenarios/keys.ts"
import { kill } from "./scenarios/kill.ts"
import { closing, lifecycle } from "./scenarios/lifecycle.ts"
import { lock } from "./scenarios/lock.ts"
import { ownership } from "./scenarios/ownership.ts"
import { reads } from "./scenarios/reads.ts"
import { scans } from "./scenarios/scans.ts"
import { values } from "./scenarios/values.ts"

/** Everything that is asked of a store, in the order in which it is played. */
export const scenarios: readonly Scenario[] = [
  ...capabilities,
  ...keys,
  ...values,
  ...reads,
  ...scans,
  ...batches,
  ...deleteRange,
  ...concurrency,
  ...ownership,
  ...lifecycle,
  ...closing,
  ...lock,
  ...files,
  ...kill,
  ...engine,
  ...copies,
]
