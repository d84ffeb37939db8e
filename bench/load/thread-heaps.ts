/**
 * How much of their heaps the threads of this process use. Each has its own, of which only the inspector tells the others; it
 * is asked for nothing else, and stops nobody.
 */
import { type InspectorNotification, type NodeWorker, Session } from 'node:inspector'

/** Octets by thread. */
export class ThreadHeaps {
  readonly #session = new Session()
  readonly #threads = new Map<string, number>()
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
        const { result } = JSON.parse(params.message) as { result?: { usedSize: number } }
        if (result !== undefined) this.#threads.set(params.sessionId, result.usedSize)
      },
    )
    this.#session.post('NodeWorker.enable', { waitForDebuggerOnStart: false })
  }

  /** What they had when they were asked last, and this thread has now; they are asked anew. */
  sample(): number {
    const used = [...this.#threads.values()].reduce((sum, octets) => sum + octets, process.memoryUsage().heapUsed)
    for (const sessionId of this.#threads.keys()) {
      const message = JSON.stringify({ id: ++this.#asked, method: 'Runtime.getHeapUsage' })
      // One that is over answers no more.
      this.#session.post('NodeWorker.sendMessageToWorker', { sessionId, message }, () => {})
    }
    return used
  }

  end(): void {
    this.#session.disconnect()
  }
}
