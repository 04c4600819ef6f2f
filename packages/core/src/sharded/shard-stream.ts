import type { Batch, StreamOf } from "./calls.ts"
import { Opened } from "./opened.ts"
import { type Asked, askAll, type Missing, renewing, type Scope, type Target } from "./scope.ts"
import { isShardFailure } from "./shard.ts"
import { ignore, type Patience, within } from "./within.ts"

type BatchOf<T extends StreamOf["type"]> = Extract<Batch, { readonly type: T }>

function isBatchOf<T extends StreamOf["type"]>(
  batch: { readonly type: StreamOf["type"] },
  type: T,
): batch is BatchOf<T> {
  return batch.type === type
}

export interface StreamOptions extends Patience {
  readonly missing: Missing | undefined
}

/** A stream of one shard, batch by batch; the next is asked for while this one is used. */
export class ShardStream<T extends StreamOf["type"]> {
  readonly target: Target
  readonly #type: T
  readonly #options: StreamOptions
  #stream: number | undefined
  #ahead: Promise<BatchOf<T> | undefined>

  private constructor(
    target: Target,
    type: T,
    stream: number | undefined,
    first: Batch | undefined,
    options: StreamOptions,
  ) {
    this.target = target
    this.#type = type
    this.#stream = stream
    this.#options = options
    this.#ahead = Promise.resolve(this.#checked(first))
  }

  static async open<S extends StreamOf>(
    target: Target,
    of: S,
    options: StreamOptions,
  ): Promise<ShardStream<S["type"]>> {
    const { shard, view } = target
    const { signal } = options
    const answer = shard.ask({ call: "stream", view, of }, { signal })
    try {
      const { batch, stream } = await within(answer, options, shard.name)
      return new ShardStream<S["type"]>(target, of.type, stream, batch, options)
    } catch (error) {
      // It may be opened yet.
      answer.then(({ stream }) => endOf(target, stream), ignore)
      throw error
    }
  }

  /** The next batch; undefined at the end. */
  async next(): Promise<BatchOf<T> | undefined> {
    const { missing } = this.#options
    try {
      const batch = await this.#ahead
      if (batch === undefined) return undefined
      this.#ahead = this.#ask()
      // Whoever wants it hears of its failure.
      this.#ahead.catch(ignore)
      return batch
    } catch (error) {
      if (missing === undefined || !isShardFailure(error)) throw error
      missing.set(this.target.shard.name, error)
      return undefined
    }
  }

  async #ask(): Promise<BatchOf<T> | undefined> {
    const stream = this.#stream
    if (stream === undefined) return undefined
    const { shard } = this.target
    const { signal } = this.#options
    const asked = shard.ask({ call: "next", stream }, { signal })
    const answer = await within(asked, this.#options, shard.name)
    this.#stream = answer.stream
    return this.#checked(answer.batch)
  }

  #checked(batch: Batch | undefined): BatchOf<T> | undefined {
    if (batch === undefined) return undefined
    if (isBatchOf(batch, this.#type)) return batch
    throw new TypeError("A shard answered with a batch of another stream.")
  }

  /** Gives it up before its end. */
  end(): void {
    endOf(this.target, this.#stream)
    this.#stream = undefined
  }
}

function endOf({ shard }: Target, stream: number | undefined): void {
  // A shard that is gone has no streams either.
  if (stream !== undefined) shard.ask({ call: "end", stream }).catch(ignore)
}

/** Opens a stream in all shards. If one cannot, none is left open. */
export async function openStreams<S extends StreamOf>(
  scope: Scope,
  of: S,
  options: StreamOptions,
): Promise<ShardStream<S["type"]>[]> {
  return await renewing(scope, () => openOnce(scope, of, options))
}

async function openOnce<S extends StreamOf>(
  scope: Scope,
  of: S,
  options: StreamOptions,
): Promise<ShardStream<S["type"]>[]> {
  const opened = new Opened<ShardStream<S["type"]>>((stream) => stream.end())
  try {
    const asked: Asked<ShardStream<S["type"]>>[] = await askAll(
      scope,
      async (target) => {
        const stream = await ShardStream.open(target, of, options)
        opened.add(stream)
        return stream
      },
      options.signal,
    )
    opened.keep()
    return asked.map(({ value }) => value)
  } catch (error) {
    opened.release()
    throw error
  }
}
