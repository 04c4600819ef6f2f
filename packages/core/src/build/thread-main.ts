import { parentPort } from "node:worker_threads"
import { drive } from "../cache/steps.ts"
import { buildSegment } from "./job.ts"
import { imageOf, type ToThread } from "./messages.ts"
import { Calls, type Post, RemoteStore } from "./remote-store.ts"

/** What a thread does: makes segments, several at a time, over the store of the main thread. */

const port = parentPort
if (port === null) throw new Error("This module runs in a worker thread.")

const calls = new Calls()
const runs = new Map<number, AbortController>()

const post: Post = (message, buffers = []) => {
  port.postMessage(message, buffers)
}

port.on("message", (message: ToThread) => {
  switch (message.type) {
    case "start":
      void start(message)
      break
    case "abort":
      runs.get(message.run)?.abort()
      break
    case "values":
    case "written":
      calls.answer(message.call, message.values)
      break
    case "refused":
      calls.refuse(message.call)
  }
})

async function start({
  run,
  job,
  capabilities,
}: Extract<ToThread, { type: "start" }>): Promise<void> {
  const controller = new AbortController()
  runs.set(run, controller)
  try {
    const store = new RemoteStore(run, capabilities, calls, post)
    const steps = buildSegment(job, store, () => post({ type: "field", run }))
    const meta = await drive(steps, { signal: controller.signal })
    post({ type: "done", run, meta })
  } catch (error) {
    post({ type: "failed", run, error: imageOf(error) })
  } finally {
    runs.delete(run)
  }
}

post({ type: "ready" })
