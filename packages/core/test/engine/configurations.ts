import { openIndex } from "../../src/open.ts"
import { MemoryStore } from "../../src/store/memory-store.ts"
import type { Store } from "../../src/store/store.ts"
import type { Configuration, Fields, FieldsIndex } from "../oracle.ts"
import { AsyncStore, seededDelay } from "../support/async-store.ts"

/** One of the ways to keep an index, as tests name it. */
export interface NamedConfiguration extends Configuration {
  readonly name: string
}

const same = async (index: FieldsIndex) => index
const nothing = async () => {}

function inStore(
  name: string,
  wrap: (store: MemoryStore) => Store,
  parts: Partial<Pick<Configuration, "afterWrite" | "settle">>,
): NamedConfiguration {
  let image = new MemoryStore()
  const open = () => openIndex<Fields>({ store: wrap(image), durability: "os" })
  const reopen = async (index: FieldsIndex) => {
    await index.close()
    return await open()
  }
  return {
    name,
    open: () => {
      image = new MemoryStore()
      return open()
    },
    afterWrite: nothing,
    settle: same,
    reopen,
    ...parts,
  }
}

const flush = async (index: FieldsIndex) => {
  await index.flush()
  return index
}

const compact = async (index: FieldsIndex) => {
  await index.compact()
  return index
}

/** Every tier, freshly written to and after all that maintenance does. */
export function configurations(): NamedConfiguration[] {
  const direct = (store: MemoryStore) => store
  const reopened = inStore("reopened", direct, {})
  return [
    {
      name: "in memory",
      open: () => openIndex<Fields>(),
      afterWrite: nothing,
      settle: same,
      reopen: same,
    },
    inStore("in the log and the memtable", direct, {}),
    inStore("freshly flushed", direct, { settle: flush }),
    inStore("many segments", direct, { afterWrite: (index) => index.flush() }),
    inStore("merged", direct, { settle: compact }),
    { ...reopened, settle: (index) => reopened.reopen(index) },
    inStore("an asynchronous store", (store) => new AsyncStore(store, seededDelay(1)), {
      afterWrite: (index) => index.flush(),
    }),
  ]
}
