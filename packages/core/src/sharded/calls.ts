import type { Explanation } from "../api/explanation.ts"
import type { Progress } from "../api/read-options.ts"
import type { IndexStats, VerifyReport } from "../api/stats.ts"
import type { PlainRecord } from "../engine/questions.ts"
import type { RecordPatch } from "../engine/records.ts"
import type { FilterNode } from "../filter/node.ts"
import type { FindRequest } from "../query/find.ts"
import type { Position, SortKey } from "../query/sort-keys.ts"
import type { Scalar } from "../values/kind.ts"
import type { IdPart } from "./id-part.ts"

/*
 * What a shard is asked, and what it answers: plain messages, which may cross threads or machines.
 * A shard takes effect of requests in the order in which they were sent: a question sees all writes
 * that were acknowledged before, and none whose request came after its own.
 */

/** Rows name fields by numbers of the sender's table, of which these are the next paths. */
export interface SentFields {
  /** Tells tables apart. */
  readonly table: string
  /** The number of the first path. */
  readonly from: number
  readonly paths: readonly string[]
}

/** Puts and deletes that take effect together. */
export interface SentOperations {
  /** As in the log, without sequences. */
  readonly bytes: Uint8Array
  readonly putBytes: number
  readonly count: number
  /** As `PendingOps.expected`. */
  readonly expected: readonly number[] | undefined
  /** As `PendingOps.sequences`. */
  readonly sequences: Float64Array
  readonly mark: string | undefined
  readonly fields: SentFields
  /** They come from another shard: no limit of the number of fields refuses them. */
  readonly isMove: boolean
}

/** What a stream goes through. */
export type StreamOf =
  | { readonly type: "ids"; readonly filter: FilterNode; readonly keys: readonly SortKey[] }
  | {
      readonly type: "entries"
      readonly filter: FilterNode
      readonly keys: readonly SortKey[]
      readonly select: readonly string[] | undefined
    }
  /** Of each path in turn, the values of the matching records in their order, with counts. */
  | { readonly type: "values"; readonly filter: FilterNode; readonly paths: readonly string[] }
  /** The ids of a part, with all writes that were sent before. */
  | { readonly type: "part"; readonly part: IdPart }
  /** The matching records with their versions, in the same way. No put is in vain until it is ended. */
  | { readonly type: "versions"; readonly filter: FilterNode }

interface RecordBatch {
  readonly ids: readonly string[]
  readonly positions: readonly Position[]
  /** Of entries only. */
  readonly records: readonly PlainRecord[]
}

export type Batch =
  | (RecordBatch & { readonly type: "ids" })
  | (RecordBatch & { readonly type: "entries" })
  | {
      readonly type: "values"
      /** Its place among the paths asked for. */
      readonly path: number
      /** Plain lists: objects are dear to send. */
      readonly values: readonly Scalar[]
      /** How many records hold each. */
      readonly counts: readonly number[]
    }
  | { readonly type: "part"; readonly ids: readonly string[] }
  | {
      readonly type: "versions"
      readonly ids: readonly string[]
      readonly sequences: readonly number[]
    }

/** A batch of a stream. */
export interface StreamAnswer {
  /** Undefined at the end. */
  readonly batch: Batch | undefined
  /** For the next batch, or to be ended; undefined: it has ended by itself. */
  readonly stream: number | undefined
}

/** A question about a view that was opened, or undefined: about now. */
interface OfView {
  readonly view: number | undefined
}

interface Call<Asked, Answer> {
  readonly asked: Asked
  readonly answer: Answer
}

export interface Calls {
  hello: Call<
    unknown,
    {
      readonly index: string
      readonly sequence: number
      readonly mark: string | undefined
      /** The paths of its fields. */
      readonly fields: readonly string[]
      /** The most bytes of operations that one atomic write takes. */
      readonly maxBatchBytes: number
      readonly groupBytes: number
    }
  >
  write: Call<{ readonly operations: SentOperations }, number>
  update: Call<
    { readonly id: Uint8Array; readonly patch: RecordPatch; readonly sequence: number },
    number
  >
  clear: Call<unknown, undefined>
  flush: Call<unknown, undefined>
  /** Makes all writes so far durable. */
  sync: Call<unknown, undefined>
  compact: Call<unknown, undefined>
  /** Checks the index, and that its ids are in these parts. */
  verify: Call<{ readonly owned: readonly IdPart[] }, VerifyReport>
  get: Call<OfView & { readonly id: Uint8Array }, PlainRecord | undefined>
  has: Call<OfView & { readonly id: Uint8Array }, boolean>
  find: Call<
    OfView & { readonly request: FindRequest; readonly select: readonly string[] | undefined },
    {
      readonly ids: readonly string[]
      readonly positions: readonly Position[]
      readonly records: readonly PlainRecord[] | undefined
      readonly hasMore: boolean
    }
  >
  explain: Call<OfView & { readonly request: FindRequest }, Explanation>
  count: Call<OfView & { readonly filter: FilterNode }, number>
  extent: Call<
    OfView & { readonly filter: FilterNode; readonly path: string },
    { readonly min: Scalar; readonly max: Scalar } | undefined
  >
  /** Bits of integers by their upper 16 bits. */
  integers: Call<
    OfView & { readonly filter: FilterNode; readonly path: string },
    ReadonlyMap<number, Uint32Array>
  >
  /** Opens a view of now, to be released. */
  view: Call<{ readonly ttlMs: number }, { readonly view: number; readonly size: number }>
  release: Call<{ readonly view: number }, undefined>
  /** Keeps what matches as a set, to be dropped. */
  match: Call<
    OfView & { readonly filter: FilterNode },
    { readonly set: number; readonly size: number }
  >
  hasMany: Call<{ readonly set: number; readonly ids: readonly string[] }, readonly boolean[]>
  drop: Call<{ readonly set: number }, undefined>
  /** Opens a stream and reads its first batch. */
  stream: Call<OfView & { readonly of: StreamOf }, StreamAnswer>
  next: Call<{ readonly stream: number }, StreamAnswer>
  /** Ends a stream before its end. */
  end: Call<{ readonly stream: number }, undefined>
  /**
   * Of the first of some ids, as many as fit `maxBytes`, the records that there are with all writes
   * sent before, as puts.
   */
  take: Call<
    { readonly ids: readonly string[]; readonly maxBytes: number },
    {
      /** How many of the ids were looked up. */
      readonly taken: number
      /** Those of them that are there. */
      readonly ids: readonly string[]
      readonly bytes: Uint8Array
      readonly fields: SentFields
    }
  >
  /** Those of some ids that are there with all writes sent before. */
  present: Call<{ readonly ids: readonly string[] }, readonly string[]>
  /** Some ids, evenly from all of them. */
  sample: Call<{ readonly count: number }, readonly string[]>
  /** Answers once no view, set or stream is open. */
  rest: Call<unknown, undefined>
  close: Call<unknown, undefined>
}

export type CallName = keyof Calls

export type Request = {
  [Name in CallName]: { readonly call: Name } & Calls[Name]["asked"]
}[CallName]

/** An answer says what it answers. */
export type Answer = {
  [Name in CallName]: { readonly call: Name; readonly value: Calls[Name]["answer"] }
}[CallName]

export type AnswerValue<C extends CallName> = Calls[C]["answer"]

export function isAnswerTo<C extends CallName>(
  answer: { readonly call: CallName },
  call: C,
): answer is { readonly call: C; readonly value: AnswerValue<C> } {
  return answer.call === call
}

/** What comes with a request. */
export interface SendOptions {
  /** Of the map by which it was sent. A shard that has heard of a later one refuses it. */
  readonly epoch: number
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** A way to a shard. */
export interface ShardLink {
  /** How many records there are, as of the last answer. */
  readonly size: number
  /** Why it refuses writes, as far as it has told; undefined: it does not. */
  readonly writeFailure: unknown
  /** As of the last time that the shard told it. */
  readonly stats: IndexStats
  /**
   * Sends a request. Requests arrive in the order in which they were sent.
   * @throws TIERDEX_STALE_MAP, TIERDEX_SHARD_FAILED if the shard is gone, and what the shard throws
   */
  send(request: Request, options: SendOptions): Promise<Answer>
  /** Gives the shard up, at the latest after it has had time to close. */
  close(): Promise<void>
}
