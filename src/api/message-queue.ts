/**
 * Messages that wait for somebody to take them: RFC 6455 §6.2 says when a message has been received; here it waits until
 * it is wanted, so that no first message is lost. Bounded by the connection's limits: who fills it pauses it.
 */

import type { Connection } from '../connection/connection.js'
import type { ConnectionSettings } from '../connection/connection-settings.js'
import { memoryTransferred } from '../framing/transferred.js'

/** A message as it was received: text as a string (or as octets, where that was asked for), binary as octets. */
export interface Message {
  /** Yours to keep. */
  readonly data: string | Buffer
  /** It is a binary message, and not text. */
  readonly isBinary: boolean
}

interface Waiting {
  readonly message: Message
  /** As it came. */
  readonly size: number
}

export class MessageQueue {
  readonly #maxMessages: number
  readonly #maxSize: number
  readonly #copies: boolean
  readonly #connection: Pick<Connection, 'onHandlerFailed'>
  #messages: Waiting[] = []
  #size = 0
  #takers: ((message: Message | undefined) => void)[] = []
  #ended: boolean
  #held = false
  #muted = false

  /**
   * @param settings - it is full with so many messages, or so many octets (code units of strings); what is borrowed is copied.
   * @param ended - no message will come.
   * @param connection - whose messages they are: told when one that waits is lost.
   */
  constructor(
    { limits, borrowed }: Pick<ConnectionSettings, 'limits' | 'borrowed'>,
    ended: boolean,
    connection: Pick<Connection, 'onHandlerFailed'>,
  ) {
    this.#connection = connection
    this.#maxMessages = limits.receiveQueueMessages
    this.#maxSize = limits.receiveQueueSize
    this.#copies = borrowed
    this.#ended = ended
  }

  get empty(): boolean {
    return this.#messages.length === 0
  }

  get full(): boolean {
    return this.#messages.length >= this.#maxMessages || this.#size >= this.#maxSize
  }

  /** Tells what waits, while somebody listens; behind what could not be told nothing is. */
  tell(listened: () => boolean, tell: (message: Message) => boolean): void {
    while (!this.#held && !this.#muted && !this.empty && listened()) {
      const message = this.shift()
      if (message !== undefined && !tell(message)) this.clear()
    }
  }

  get held(): boolean {
    return this.#held
  }

  /** While held, what waits and what comes stays here, whoever asks for it. */
  set held(held: boolean) {
    this.#held = held
    this.#serve()
  }

  /** What waits is for loops, and for listeners no more. */
  mute(): void {
    this.#muted = true
  }

  push({ data, isBinary }: Message): void {
    const kept = this.#copies && typeof data !== 'string' ? Buffer.from(data) : data
    this.#messages.push({ message: { data: kept, isBinary }, size: data.length })
    this.#size += data.length
    this.#serve()
  }

  /** The next message, if one waits. None does behind one whose memory was transferred, with another of the same read. */
  shift(): Message | undefined {
    const next = this.#messages.shift()
    if (next === undefined) return undefined
    this.#size -= next.size
    if (next.message.data.length === next.size) return next.message
    this.clear()
    this.#connection.onHandlerFailed(memoryTransferred())
    return undefined
  }

  /** Forgets what waits. */
  clear(): void {
    this.#messages = []
    this.#size = 0
  }

  /** The next message, once there is one; undefined when none will come any more. */
  take(): Promise<Message | undefined> {
    return new Promise(resolve => {
      this.#takers.push(resolve)
      this.#serve()
    })
  }

  /** No message will come any more; what waits can still be taken. */
  end(): void {
    this.#ended = true
    this.#serve()
  }

  /** Those who asked before there was something for them, if there is now; or there never will be. */
  #serve(): void {
    while (this.#takers.length > 0 && (this.empty ? this.#ended : !this.#held)) this.#takers.shift()!(this.shift())
  }
}
