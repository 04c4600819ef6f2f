import type { WriteOp } from "@tierdex/core"

/** Before each key: the length of the value plus one, or 0 for a delete, and that of the key. */
const HEADER_BYTES = 5

/** Operations as bytes, one behind the other. */
export function encodeFrame(ops: readonly WriteOp[]): Buffer {
  let length = 0
  for (const op of ops) length += HEADER_BYTES + op.key.length + (valueIn(op)?.length ?? 0)
  const frame = Buffer.alloc(length)
  let at = 0
  for (const op of ops) {
    const value = valueIn(op)
    at = frame.writeUInt32LE(value === undefined ? 0 : value.length + 1, at)
    at = frame.writeUInt8(op.key.length, at)
    frame.set(op.key, at)
    at += op.key.length
    if (value !== undefined) frame.set(value, at)
    at += value?.length ?? 0
  }
  return frame
}

export function decodeFrame(frame: Buffer): WriteOp[] {
  const ops: WriteOp[] = []
  for (let at = 0; at < frame.length; ) {
    const valueLength = frame.readUInt32LE(at) - 1
    const keyAt = at + HEADER_BYTES
    const valueAt = keyAt + frame.readUInt8(at + 4)
    const key = frame.subarray(keyAt, valueAt)
    at = valueAt + Math.max(0, valueLength)
    if (valueLength < 0) ops.push({ type: "delete", key })
    else ops.push({ type: "put", key, value: frame.subarray(valueAt, at) })
  }
  return ops
}

function valueIn(op: WriteOp): Uint8Array | undefined {
  return op.type === "put" ? op.value : undefined
}
