/**
 * One user of a scenario on one connection: works through steps. The connection is a stream: a reply is whatever matches,
 * among other messages and in any order; what came since the steps began and was not asked for yet is kept for a while.
 * Messages are timed from when they were due: the first one from when the user was to come, others from what came before, or
 * from when he had thought long enough;
 * replies from the message that they answer, which is known of each step, and whose id is the one they are to have.
 */
import type { Exchange, Outlet, Sender } from '../exchange.js'
import { captured, matches, Received } from './pattern.js'
import type { ReceiveStep, Script, SendStep, Step, ThinkStep } from './step.js'
import { fill, withinJson } from './template.js'
import { thinkTime } from './think-time.js'

/** What a visitor needs of its thread. */
export interface VisitorScope {
  readonly script: Script
  readonly now: () => number
  /** Calls back after milliseconds; returns what takes that back. */
  readonly after: (milliseconds: number, call: () => void) => () => void
  /**
   * Calls back when a user's own clock has come to a time, and says when what he does then is due: at that time, however late it
   * is; or, where nothing is due at any time, now. Returns what takes that back.
   */
  readonly until: (time: number, call: (due: number) => void) => () => void
  /** From 0 to 1. */
  readonly random: () => number
  /** The time of the load is over: nobody begins anything that takes time. */
  readonly isOver: (now: number) => boolean
  /** Of a message that was due at a time. */
  readonly error: (kind: string, example: string, due: number) => void
  readonly wrong: (due: number) => void
  /** The steps have been gone through, or given up. */
  readonly finished: (visitor: Visitor, due: number, completed: boolean) => void
  /** The opening steps have been gone through, or given up; with its connection a visitor comes and goes. */
  readonly joined: (visitor: Visitor, completed: boolean) => void
  readonly left: (visitor: Visitor) => void
}

/** What doing a step has come to. */
type Done = 'done' | 'waits' | 'failed' | 'over'

/** Messages that nobody asked for yet; the oldest one goes when there are more. */
const mostKept = 64

/** A message that has left. */
interface Sent {
  readonly id: string
  readonly due: number
  readonly at: number
  /** Replies that are to come. */
  left: number
}

export class Visitor implements Exchange {
  readonly #scope: VisitorScope
  readonly #number: number
  readonly #values = new Map<string, string>()
  #outlet: Sender | undefined
  #steps: readonly Step[] = []
  #at = 0
  /** Told when the steps are over. */
  #over: (completed: boolean) => void = () => {}
  /** When what is done next is due; and since when it could have been done. */
  #due = 0
  #ready = 0
  /** By the place of their steps. */
  readonly #sent = new Map<number, Sent>()
  /** What stands for it where nothing was sent: a greeting is waited for since the steps began. */
  #begun: Sent = { id: '', due: 0, at: 0, left: 0 }
  #message: Buffer | string = ''
  #replies = 0
  /** Of the step that waits: how many are to come; 0 when none waits. */
  #left = 0
  #cancel = () => {}
  readonly #inbox: Received[] = []
  #sends = 0
  #iterations = 0
  /** Replies that are expected, and did not come yet. */
  underWay = 0

  /** @param number - of its connection among all of its class. */
  constructor(scope: VisitorScope, number: number) {
    this.#scope = scope
    this.#number = number
    this.#values.set('connection', String(number))
    this.#values.set('number', '0')
  }

  /** The connection is open. Resolves when the opening steps are over; where they were given up, it is left. */
  async join(outlet: Sender & Pick<Outlet, 'leave'>): Promise<void> {
    this.#outlet = outlet
    this.#choose()
    const completed = await new Promise<boolean>(resolve => {
      const now = this.#scope.now()
      this.#begin(this.#scope.script.opening, now, now, resolve)
    })
    this.#scope.joined(this, completed)
    if (!completed) await outlet.leave()
  }

  /** Goes through the steps. `due`: when they were to be begun; `since`: when there was nothing else to do. */
  begin(due: number, since: number): void {
    const { script, finished } = this.#scope
    this.#values.set('number', String(this.#iterations++))
    this.#choose()
    this.#drop(this.#inbox.length)
    this.#begin(script.steps, due, Math.max(due, since), completed => finished(this, due, completed))
  }

  /** What leaves now; see {@link LoadConnection.send}. */
  next(): Buffer | string {
    return this.#message
  }

  /** Replies to it. */
  get expected(): number {
    return this.#replies
  }

  receive(message: Buffer | string, now: number): void {
    this.#inbox.push(new Received(message.toString(), now))
    if (this.#left > 0) this.#advance()
    this.#drop(this.#inbox.length - mostKept)
  }

  giveUp(each: (due: number) => void): void {
    this.#forsake(each)
    this.#scope.left(this)
    this.#end(false)
  }

  #begin(steps: readonly Step[], due: number, ready: number, over: (completed: boolean) => void): void {
    this.#steps = steps
    this.#at = 0
    this.#due = due
    this.#ready = ready
    this.#begun = { id: '', due, at: due, left: 0 }
    this.#over = over
    this.#advance()
  }

  #choose(): void {
    const { script, random } = this.#scope
    for (const [name, values] of script.values) this.#values.set(name, values[Math.floor(random() * values.length)]!)
  }

  /** As far as it goes without waiting. */
  #advance(): void {
    for (; this.#at < this.#steps.length; this.#at++) {
      const step = this.#steps[this.#at]!
      const done = this.#do(step)
      if (done === 'done') continue
      if (done === 'failed') this.#fail()
      if (done === 'over') this.#end(false)
      return
    }
    this.#end(true)
  }

  #do(step: Step): Done {
    if (step.kind === 'send') return this.#send(step)
    return step.kind === 'receive' ? this.#receive(step) : this.#think(step)
  }

  #send(step: SendStep): Done {
    const now = this.#scope.now()
    const id = `${this.#number}-${this.#sends++}`
    this.#values.set('id', id)
    const text = fill(step.template, step.json ? this.#valueWithinJson : this.#value)
    this.#message = step.binary ? Buffer.from(text) : text
    this.#replies = step.replies
    if (!this.#outlet!.send(this.#due, now, now - this.#ready)) return 'failed'
    this.#sent.set(this.#at, { id, due: this.#due, at: now, left: step.replies })
    this.underWay += step.replies
    return 'done'
  }

  #think({ time }: ThinkStep): Done {
    const { random, until, now, isOver } = this.#scope
    // Between a message and its replies nobody thinks any more, and then nobody goes on.
    if (isOver(now())) return this.underWay > 0 ? 'done' : 'over'
    // He began when he could, whenever the generator came to that.
    this.#cancel = until(this.#ready + thinkTime(time, random), due => {
      this.#come(due)
      this.#at++
      this.#advance()
    })
    return 'waits'
  }

  #receive(step: ReceiveStep): Done {
    if (this.#left === 0) {
      this.#left = step.count
      this.#cancel = this.#scope.after(step.within, () => this.#tooLate(step))
    }
    while (this.#left > 0) {
      const sent = this.#answered(step)
      this.#values.set('id', sent.id)
      const message = this.#take(step, sent)
      if (message === undefined) return 'waits'
      if (sent.left > 0) {
        sent.left--
        this.underWay--
      }
      if (!this.#accept(step, message, sent.due)) return 'failed'
      this.#left--
      this.#tell(step, message.at, sent)
      this.#come(message.at)
    }
    this.#cancel()
    return 'done'
  }

  /** What the next reply of a step answers. */
  #answered({ answers, count }: ReceiveStep): Sent {
    return this.#sent.get(answers.length === 1 ? answers[0]! : answers[count - this.#left]!) ?? this.#begun
  }

  #tell({ answers, count, timed }: ReceiveStep, now: number, { due, at }: Sent): void {
    if (!timed) this.#outlet!.partly(due, now, false)
    else if (this.#left > 0 && answers.length <= 1) this.#outlet!.partly(due, now, this.#left === count - 1)
    else this.#outlet!.answered(due, at, now)
  }

  /** The first message that matches; what came before a message left is no reply to it. */
  #take({ match, timed }: ReceiveStep, sent: Sent): Received | undefined {
    const from = timed && sent !== this.#begun ? sent.at : Number.NEGATIVE_INFINITY
    const found = this.#inbox.findIndex(message => {
      return message.at >= from && (match === undefined || matches(match, message, this.#value))
    })
    return this.#inbox.splice(found === -1 ? this.#inbox.length : found, 1)[0]
  }

  #accept({ check, capture, label }: ReceiveStep, message: Received, due: number): boolean {
    const fails = (kind: string) => {
      this.#scope.wrong(due)
      this.#scope.error(kind, message.text, due)
      return false
    }
    if (check !== undefined && !matches(check, message, this.#value)) return fails(`check failed: ${label}`)
    for (const [name, one] of capture) {
      const value = captured(one, message)
      if (value === undefined) return fails(`nothing to capture as ${name}: ${label}`)
      this.#values.set(name, value)
    }
    return true
  }

  #tooLate(step: ReceiveStep): void {
    this.#scope.error(`no reply: ${step.label}`, `none within ${step.within} ms`, this.#answered(step).due)
    this.#fail()
  }

  #fail(): void {
    this.#forsake(due => this.#outlet!.lost(due))
    this.#end(false)
  }

  /** Gives up the replies that did not come. */
  #forsake(each: (due: number) => void): void {
    for (const { due, left } of this.#sent.values()) for (let i = 0; i < left; i++) each(due)
    this.#sent.clear()
    this.underWay = 0
  }

  #end(completed: boolean): void {
    this.#cancel()
    this.#left = 0
    this.#sent.clear()
    this.#drop(this.#inbox.length)
    const over = this.#over
    this.#over = () => {}
    over(completed)
  }

  /** Something has come or is over that what follows waited for; what came earlier than that takes nothing back. */
  #come(at: number): void {
    this.#due = Math.max(this.#due, at)
    this.#ready = Math.max(this.#ready, at)
  }

  #drop(count: number): void {
    for (const { at } of this.#inbox.splice(0, Math.max(0, count))) this.#outlet?.other(at)
  }

  readonly #value = (name: string): string => this.#values.get(name)!
  readonly #valueWithinJson = (name: string): string => withinJson(this.#value(name))
}
