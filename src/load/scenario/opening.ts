/**
 * Opening steps before a workload, on one connection: to log in, or to subscribe. They are no part of the load: what they send
 * is not counted, but what goes wrong in them is an error.
 */
import type { Exchange, ExchangeOwner, GivenUp, Outlet } from '../exchange.js'
import type { PacerWorld } from '../pacer.js'
import type { Tally } from '../tally.js'
import type { Script } from './step.js'
import { Visitor } from './visitor.js'

/** What all openings of a thread have in common. */
export interface OpeningScope {
  readonly script: Script
  readonly tally: Pick<Tally, 'error'>
  readonly world: PacerWorld
  /** From 0 to 1. */
  readonly random: () => number
}

function nothing(): void {}

/** Nothing of it is counted, and who asked for it decides what becomes of the connection. */
const nobody: ExchangeOwner & Pick<Outlet, 'leave'> = {
  leave: async () => {},
  answered: nothing,
  partly: nothing,
  began: nothing,
  reachedAll: nothing,
  lost: nothing,
  wrong: nothing,
  other: nothing,
}

export class Opening {
  readonly #visitor: Visitor
  readonly #error: (kind: string, example: string) => void
  #underWay = false
  #completed = false

  /** @param number - of its connection among all. */
  constructor({ script, tally, world, random }: OpeningScope, number: number) {
    this.#error = (kind, example) => tally.error(kind, example)
    this.#visitor = new Visitor(
      {
        script,
        now: world.now,
        after: world.after,
        until: (time, call) => world.after(time - world.now(), () => call(world.now())),
        random,
        // With its connection it is given up.
        isOver: () => false,
        error: this.#error,
        wrong: nothing,
        finished: nothing,
        joined: (_, completed) => {
          this.#completed = completed
        },
        left: nothing,
      },
      number,
    )
  }

  get isUnderWay(): boolean {
    return this.#underWay
  }

  /**
   * Goes through the steps, each time anew.
   *
   * @param say - sends a message; whether it has left.
   * @returns whether all have been done.
   */
  async go(say: (message: Buffer | string) => boolean): Promise<boolean> {
    this.#underWay = true
    await this.#visitor.join({ ...nobody, send: () => this.#say(say) })
    this.#underWay = false
    return this.#completed
  }

  #say(say: (message: Buffer | string) => boolean): boolean {
    const left = say(this.#visitor.next())
    if (!left) this.#error('not sent: the server does not read', 'a message of the opening steps')
    return left
  }

  receive(message: Buffer | string, now: number): void {
    this.#visitor.receive(message, now)
  }

  /** The connection has ended. */
  giveUp(): void {
    this.#visitor.giveUp(() => {})
  }
}

/** What goes to and fro behind opening steps. */
export class OpenedExchange implements Exchange {
  readonly #opening: Opening
  readonly #messages: Exchange
  /** Only where the messages have it, for then something is done for it. */
  readonly confirmed?: NonNullable<Exchange['confirmed']>

  constructor(opening: Opening, messages: Exchange) {
    this.#opening = opening
    this.#messages = messages
    if (messages.confirmed !== undefined) this.confirmed = (count, now, owner) => messages.confirmed!(count, now, owner)
  }

  get underWay(): number {
    return this.#messages.underWay
  }

  get awaited(): number {
    return this.#messages.awaited ?? this.#messages.underWay
  }

  get expected(): number {
    return this.#messages.expected
  }

  async join(outlet: Outlet): Promise<void> {
    if (await this.#opening.go(message => outlet.say(message))) await this.#messages.join(outlet)
    else await outlet.leave()
  }

  next(due: number, now: number): Buffer | string {
    return this.#messages.next(due, now)
  }

  receive(message: Buffer, now: number, owner: ExchangeOwner, text: boolean): void {
    if (this.#opening.isUnderWay) this.#opening.receive(message, now)
    else this.#messages.receive(message, now, owner, text)
  }

  receiveInPlace(octets: Buffer, start: number, end: number, now: number, owner: ExchangeOwner, text: boolean): void {
    const messages = this.#messages
    if (this.#opening.isUnderWay || messages.receiveInPlace === undefined) {
      this.receive(octets.subarray(start, end), now, owner, text)
    } else messages.receiveInPlace(octets, start, end, now, owner, text)
  }

  arriving(now: number): void {
    if (!this.#opening.isUnderWay) this.#messages.arriving?.(now)
  }

  expire(before: number, each: GivenUp, now: number): void {
    // Whatever has opening steps of its own does not come here.
    this.#messages.expire!(before, each, now)
  }

  giveUp(each: GivenUp): void {
    this.#opening.giveUp()
    this.#messages.giveUp(each)
  }
}
