import { drive, isSliceOver, type Steps } from "../cache/steps.ts"
import { TierdexError } from "../errors.ts"
import type { FieldClaim } from "../fields/field-table.ts"
import { encodeLogEntry } from "../log/log.ts"
import { writeHead } from "../log/operations.ts"
import { ByteReader } from "../rows/byte-reader.ts"
import { ByteWriter } from "../rows/byte-writer.ts"
import type { Pending, PendingOps, PendingUpdate, Queued, WriteResult } from "./pending.ts"
import { GroupResolver, type ResolvedOperation } from "./resolve.ts"
import { type Resolved, resolveGroup } from "./resolve-group.ts"
import type { State } from "./state.ts"
import { closedError } from "./view.ts"

/** Writes that wait at the same time share one log entry up to this size. */
const GROUP_BYTES = 1 << 20
/** A group is at most this part of a memtable, whose limit is looked at between groups. */
const GROUP_SHARE = 16
/** An update before it is resolved. */
const UPDATE_BYTES = 256
/** A buffer that one large batch took is not kept for the next group. */
const MAX_KEPT_BYTES = 4 * GROUP_BYTES

/** What the writer needs of flushing: room for the next writes. */
export interface Room {
  /**
   * Asks for room for a group of writes. Returns undefined if there is, else what to wait for
   * before asking again.
   * @param bytes of what is put; 0 if there are only deletes
   */
  reserve(bytes: number): Promise<void> | undefined
}

/**
 * The one writer. Requests are taken in the order in which they came: writes in groups, which are
 * resolved, logged and applied one after another; tasks alone, between groups.
 */
export class Writer {
  readonly #state: State
  readonly #room: Room
  /** Bytes of writes that share one log entry, about. */
  readonly groupBytes: number
  readonly #queue: Queued[] = []
  /** Tasks that make room, and so must not wait behind writes that wait for it. */
  readonly #urgent: (() => Promise<void>)[] = []
  /** Operations of the group that is being written, as in the log; used again for the next. */
  #operations = new ByteWriter(1 << 16)
  #wake: () => void = () => {}
  #isRunning = false

  constructor(state: State, room: Room) {
    this.#state = state
    this.#room = room
    const memtable = state.options.budget?.memtable ?? Number.POSITIVE_INFINITY
    this.groupBytes = Math.min(GROUP_BYTES, memtable / GROUP_SHARE)
  }

  /** Queues a write; resolves when it is applied and as durable as was asked for. */
  async write(request: PendingOps | PendingUpdate): Promise<WriteResult> {
    if (this.#state.isClosed) {
      this.discard(request)
      throw closedError("The index")
    }
    return await this.#enqueue(request)
  }

  /** Gives up a write that is not to be, and its new fields. */
  discard(request: Pending): void {
    const claim = claimOf(request)
    if (claim !== undefined) this.#state.fields.release(claim)
  }

  /** Runs something between writes, after those that were asked for before. */
  async task(run: () => Promise<void>): Promise<void> {
    await this.#enqueue({ type: "task", run })
  }

  /** Runs something between writes, as soon as none is under way. */
  urgent(run: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#urgent.push(() => run().then(resolve, reject))
      this.#wake()
      this.#start()
    })
  }

  #enqueue(request: Pending): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, resolve, reject })
      this.#start()
    })
  }

  #start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    // Writes of the same turn join one group.
    queueMicrotask(() => {
      void this.#run()
    })
  }

  async #run(): Promise<void> {
    for (;;) {
      const urgent = this.#urgent.shift()
      if (urgent !== undefined) {
        await urgent()
        continue
      }
      const next = this.#queue.shift()
      if (next === undefined) break
      const { request } = next
      try {
        if (request.type !== "task") await this.#commit(this.#groupFrom(next))
        else {
          await request.run()
          next.resolve({ found: 0 })
        }
      } catch (error) {
        next.reject(error)
      }
    }
    this.#isRunning = false
  }

  /** Waits for room, and meanwhile runs the tasks that make it. */
  async #reserve(bytes: number): Promise<void> {
    for (;;) {
      // No pause from this look to the wait below: a task that came meanwhile would be missed.
      const urgent = this.#urgent.shift()
      if (urgent !== undefined) {
        await urgent()
        continue
      }
      if (this.#state.failure !== undefined) throw this.#state.failure
      const wait = this.#room.reserve(bytes)
      if (wait === undefined) return
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      await Promise.race([wait, woken])
    }
  }

  #groupFrom(first: Queued): Queued[] {
    const group = [first]
    let bytes = sizeOf(first.request)
    // There is no log write to share without a store, and each write is to find room by itself.
    const limit = this.#state.store === undefined ? 0 : this.groupBytes
    while (bytes < limit) {
      const next = this.#queue[0]
      if (next === undefined || next.request.type === "task") break
      bytes += sizeOf(next.request)
      group.push(next)
      this.#queue.shift()
    }
    return group
  }

  async #commit(queued: readonly Queued[]): Promise<void> {
    const group = queued.filter((one) => this.#isNotBroken(one))
    const state = this.#state
    const { fields } = state
    let resolver: GroupResolver | undefined
    try {
      await this.#reserve(group.reduce((sum, { request }) => sum + putBytesOf(request), 0))
      resolver = new GroupResolver(state, this.#begin())
      const results = await drive(resolveGroup(resolver, group, this.groupBytes))
      // What is left over goes first next time.
      this.#queue.unshift(...group.splice(results.length))
      const { operations } = resolver
      const mark = lastMark(group)
      const last = Math.max(resolver.lastSequence, state.sequence + (mark === undefined ? 0 : 1))
      if (last > state.sequence) {
        const claims = [resolver.claim, ...group.flatMap(({ request }) => claimOf(request) ?? [])]
        const end = Math.max(fields.kept, ...claims.map((claim) => claim.end))
        await this.#log(operations.length, last, mark, end)
        fields.keep(end)
      }
      try {
        await drive(this.#apply(operations, group, results))
      } catch (error) {
        // What is logged but not in memory must not be followed by anything else.
        throw state.store === undefined ? error : state.fail(error)
      }
      state.sequence = last
    } catch (error) {
      for (const { request, reject } of group) {
        if (request.type === "ops" && request.chain !== undefined) request.chain.failure = { error }
        reject(error)
      }
    } finally {
      for (const { request } of group) this.discard(request)
      if (resolver !== undefined) fields.release(resolver.claim)
    }
  }

  /** Whether a write may still be committed; else its promise is rejected. */
  #isNotBroken({ request, reject }: Queued): boolean {
    const failure = request.type === "ops" ? request.chain?.failure : undefined
    if (failure === undefined) return true
    this.discard(request)
    reject(failure.error)
    return false
  }

  /** An empty buffer for the operations of a group. */
  #begin(): ByteWriter {
    if (this.#operations.capacity > MAX_KEPT_BYTES) this.#operations = new ByteWriter(GROUP_BYTES)
    this.#operations.length = 0
    return this.#operations
  }

  /** @param end what the store is to know all fields below of */
  async #log(
    count: number,
    lastSequence: number,
    mark: string | undefined,
    end: number,
  ): Promise<void> {
    const state = this.#state
    if (state.store === undefined) return
    const { kept, paths } = state.fields
    const head = new ByteWriter()
    writeHead(head, { newFields: paths.slice(kept, end), mark })
    const operations = this.#operations.bytes
    const entry = { sequence: state.sequence + 1, lastSequence, head: head.bytes, operations }
    const ops = encodeLogEntry(entry)
    try {
      await state.store.write(ops, { durable: state.options.durability === "sync" })
    } catch (error) {
      throw state.fail(error)
    }
    state.log.bytes += head.length + operations.length
    state.log.entries++
    state.log.operations += Math.max(1, count)
  }

  /** Applies a group, write by write: a reader that comes in between sees whole ones. */
  *#apply(
    operations: readonly ResolvedOperation[],
    group: readonly Queued[],
    results: readonly Resolved[],
  ): Steps<void> {
    const state = this.#state
    const reader = new ByteReader(this.#operations.bytes)
    let index = 0
    for (const [i, { request, resolve, reject }] of group.entries()) {
      for (; index < results[i].end; index++) {
        const { id, sequence, row, place } = operations[index]
        if (place !== undefined && place.live !== state.active.live) place.live.kill(place.ordinal)
        if (row >= 0) {
          reader.position = row
          state.active.put(id, reader, sequence)
        } else state.active.delete(id)
      }
      if (index > 0) state.sequence = operations[index - 1].sequence
      state.mark = markOf(request) ?? state.mark
      const { refusal } = results[i]
      if (refusal === undefined) resolve(results[i])
      else reject(refusal.error)
      if (isSliceOver()) yield
    }
  }
}

function sizeOf(request: Pending): number {
  return request.type === "ops" ? request.bytes.length : UPDATE_BYTES
}

function putBytesOf(request: Pending): number {
  return request.type === "ops" ? request.putBytes : sizeOf(request)
}

function claimOf(request: Pending): FieldClaim | undefined {
  return request.type === "ops" ? request.claim : undefined
}

function markOf(request: Pending): string | undefined {
  return request.type === "ops" ? request.mark : undefined
}

function lastMark(group: readonly Queued[]): string | undefined {
  return group.map(({ request }) => markOf(request)).findLast((mark) => mark !== undefined)
}

/** The error for a batch that is too large to be written at once. */
export function tooLarge(bytes: number, limit: number): TierdexError {
  return new TierdexError(
    "TIERDEX_MEMORY_EXCEEDED",
    `The batch takes ${bytes} bytes, and at most ${limit} fit one atomic write. Use putMany, which ` +
      "writes in slices, or give the index more memory.",
  )
}
