import { MemoryStore } from "@tierdex/core"
import { describeStore } from "../src/index.ts"

describeStore({ name: "MemoryStore", make: () => new MemoryStore() })
