import type { ClassicLevel } from "classic-level"
import { expectTypeOf } from "vitest"
import type { LevelHandleOptions } from "../../src/index.ts"

type Handle = LevelHandleOptions["db"]

// A database may have any encodings of its own.
expectTypeOf<ClassicLevel>().toExtend<Handle>()
expectTypeOf<ClassicLevel<string, unknown>>().toExtend<Handle>()
expectTypeOf<ClassicLevel<number, { readonly name: string }>>().toExtend<Handle>()
expectTypeOf<ClassicLevel<Buffer, Uint8Array>>().toExtend<Handle>()

// And no other class will do.
expectTypeOf<Map<string, string>>().not.toExtend<Handle>()
expectTypeOf<{ readonly location: string; open(): Promise<void> }>().not.toExtend<Handle>()
