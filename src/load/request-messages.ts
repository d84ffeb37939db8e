/**
 * Requests from a template, and their replies, which are known by an id that they bear, or else by their order. What comes
 * without being asked for is no reply: servers push.
 */
import type { Exchange, ExchangeOwner, GivenUp } from './exchange.js'

/** How requests look, and how their replies are known. */
export interface RequestTemplate {
  /**
   * What is sent, as text: `{id}` stands for the id of the request, `{connection}` for the number of its connection,
   * `{number}` for its own on that connection, both from 0.
   */
  readonly message: string
  /**
   * A regular expression for replies, the first group of which is the id. Default: the value of `"id"` in JSON. Where the
   * message has no `{id}`, every message that comes is the reply to the oldest request.
   */
  readonly replyId?: string | undefined
  /** Replies to each request, at most a million; the last one ends it. Default 1. */
  readonly replies?: number | undefined
}

const jsonId = '"id"\\s*:\\s*"?([^",}\\s]+)'
/** What a template may name. */
const name = /\{(id|connection|number)\}/

interface Request {
  readonly due: number
  readonly sent: number
  left: number
}

export class RequestMessages implements Exchange {
  readonly expected: number
  readonly #connection: number
  /** Text and names, in turns. */
  readonly #parts: readonly string[]
  /** Undefined: by their order. */
  readonly #replyId: RegExp | undefined
  readonly #requests = new Map<string, Request>()
  #number = 0
  /** Replies come in many pieces: it matters when the first octets of one are here. */
  readonly #large: boolean
  /** When the first part of the message came that is told next; undefined: it comes as a whole. */
  #begun: number | undefined

  /** @param connection - its number among those of all threads and shards. */
  constructor({ message, replyId = jsonId, replies = 1 }: RequestTemplate, connection: number, large = false) {
    this.#large = large
    this.expected = replies
    this.#connection = connection
    this.#parts = message.split(name)
    this.#replyId = message.includes('{id}') ? new RegExp(replyId) : undefined
  }

  get underWay(): number {
    return this.#requests.size
  }

  join(): void {}

  next(due: number, sent: number): string {
    const number = String(this.#number++)
    const connection = String(this.#connection)
    const values: Readonly<Record<string, string>> = { id: `${connection}-${number}`, connection, number }
    this.#requests.set(values['id']!, { due, sent, left: this.expected })
    return this.#parts.map((part, i) => (i % 2 === 0 ? part : values[part])).join('')
  }

  arriving(now: number): void {
    this.#begun ??= now
  }

  receive(message: Buffer, now: number, owner: ExchangeOwner): void {
    const begun = this.#begun ?? now
    this.#begun = undefined
    const id = this.#replyId === undefined ? this.#oldest() : this.#replyId.exec(message.toString())?.[1]
    const request = id === undefined ? undefined : this.#requests.get(id)
    // Servers push, events with ids of their own too; and more replies than were to come belong to nothing that waits.
    if (id === undefined || request === undefined) {
      owner.other(now)
      return
    }
    const isFirst = request.left === this.expected
    if (isFirst && this.#large) owner.began(request.due, begun)
    if (--request.left > 0) {
      owner.partly(request.due, now, isFirst)
      return
    }
    this.#requests.delete(id)
    owner.answered(request.due, request.sent, now)
  }

  expire(before: number, each: GivenUp): void {
    for (const [id, { due, sent, left }] of this.#requests) {
      if (sent >= before) return
      this.#requests.delete(id)
      for (let i = 0; i < left; i++) each(due)
    }
  }

  giveUp(each: GivenUp): void {
    this.expire(Number.POSITIVE_INFINITY, each)
  }

  #oldest(): string | undefined {
    return this.#requests.keys().next().value
  }
}
