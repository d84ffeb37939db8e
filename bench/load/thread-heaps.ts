/**
 * How much of their heaps the threads of this process use. Each has its own, of which only the inspector tells the others; it
 * is asked for nothing else, and stops nobody.
 */
import { type InspectorNotification, type NodeWorker, Session } from 'node:inspector'

/** Octets by thread. */
export class ThreadHeaps {
  readonly #session = new Session()
  readonly #threads = new Map<string, number>()
  /** Who waits for what a thread has now. */
  readonly #waiting = new Map<number, () => void>()
  #asked = 0

  constructor() {
    this.#session.connect()
    this.#session.on(
      'NodeWorker.attachedToWorker',
      ({ params }: InspectorNotification<NodeWorker.AttachedToWorkerEventDataType>) => {
        this.#threads.set(params.sessionId, 0)
      },
    )
    this.#session.on(
      'NodeWorker.receivedMessageFromWorker',
      ({ params }: InspectorNotification<NodeWorker.ReceivedMessageFromWorkerEventDataType>) => {
        const { id, result } = JSON.parse(params.message) as { id: number; result?: { usedSize?: number } }
        if (result?.usedSize !== undefined) this.#threads.set(params.sessionId, result.usedSize)
        this.#waiting.get(id)?.()
      },
    )
    this.#session.post('NodeWorker.enable', { waitForDebuggerOnStart: false })
  }

  /** What they had when they were asked last, and this thread has now; they are asked anew. */
  sample(): number {
    const used = this.#sum()
    for (const sessionId of this.#threads.keys()) this.#ask(sessionId, 'Runtime.getHeapUsage')
    return used
  }

  /**
   * What they have when all garbage is gone, this thread's by `--expose-gc`: the least of three collections, for a thread goes on
   * before it is asked what it has. Each stands still for some milliseconds.
   */
  async collected(): Promise<number> {
    let least = Number.POSITIVE_INFINITY
    for (let i = 0; i < 3; i++) least = Math.min(least, await this.#collect())
    return least
  }

  async #collect(): Promise<number> {
    const { gc } = globalThis as { gc?: () => void }
    if (gc === undefined) throw new Error('run it with node --expose-gc, as the script does')
    const told = [...this.#threads.keys()].map(sessionId => {
      this.#ask(sessionId, 'HeapProfiler.collectGarbage')
      const id = this.#ask(sessionId, 'Runtime.getHeapUsage')
      return new Promise<void>(resolve => this.#waiting.set(id, resolve))
    })
    await Promise.all(told)
    this.#waiting.clear()
    gc()
    return this.#sum()
  }

  #sum(): number {
    return [...this.#threads.values()].reduce((sum, octets) => sum + octets, process.memoryUsage().heapUsed)
  }

  /** @returns the number of the question, which its answer has. */
  #ask(sessionId: string, method: string): number {
    const message = JSON.stringify({ id: ++this.#asked, method })
    // One that is over answers no more.
    this.#session.post('NodeWorker.sendMessageToWorker', { sessionId, message }, () => {})
    return this.#asked
  }

  end(): void {
    this.#session.disconnect()
  }
}
