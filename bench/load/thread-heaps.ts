/**
 * How much of their heaps the threads of this process use. Each has its own, of which only the inspector tells the others; it
 * is asked for nothing else, and stops nobody.
 */
import { type InspectorNotification, type NodeWorker, Session } from 'node:inspector'

/** Octets by thread. */
export class ThreadHeaps {
  readonly #session = new Session()
  readonly #threads = new Map<string, number>()
  /** Who waits for the answer to a question. */
  readonly #waiting = new Map<number, { readonly sessionId: string; readonly answered: () => void }>()
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
        this.#waiting.get(id)?.answered()
      },
    )
    this.#session.on(
      'NodeWorker.detachedFromWorker',
      ({ params }: InspectorNotification<NodeWorker.DetachedFromWorkerEventDataType>) => {
        // What it had last counts on: too much is seen, too little is not.
        for (const { sessionId, answered } of this.#waiting.values()) if (sessionId === params.sessionId) answered()
      },
    )
    this.#session.post('NodeWorker.enable', { waitForDebuggerOnStart: false })
  }

  /** What they had when they were asked last, and this thread has now; they are asked anew. */
  sample(): number {
    const used = this.#sum()
    for (const sessionId of this.#threads.keys()) void this.#ask(sessionId, 'Runtime.getHeapUsage')
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
    const asked = [...this.#threads.keys()].map(async sessionId => {
      await this.#ask(sessionId, 'HeapProfiler.collectGarbage')
      await this.#ask(sessionId, 'Runtime.getHeapUsage')
    })
    await Promise.all(asked)
    gc()
    return this.#sum()
  }

  #sum(): number {
    return [...this.#threads.values()].reduce((sum, octets) => sum + octets, process.memoryUsage().heapUsed)
  }

  /** Asks a thread, until it has answered or is over. */
  #ask(sessionId: string, method: string): Promise<void> {
    const id = ++this.#asked
    return new Promise<void>(answered => {
      // Before it is posted, for the answer may come while that is done.
      this.#waiting.set(id, { sessionId, answered })
      this.#session.post(
        'NodeWorker.sendMessageToWorker',
        { sessionId, message: JSON.stringify({ id, method }) },
        error => {
          if (error !== null) answered()
        },
      )
    }).finally(() => this.#waiting.delete(id))
  }

  end(): void {
    this.#session.disconnect()
  }
}
