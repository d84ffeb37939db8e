/**
 * Which message each reply answers, for from there it is timed, and its `{id}` is what `match` and `check` look for. A stream
 * does not tell: the only one without a reply, the one that the step names, the only one with an `{id}`, where that is looked
 * for; of several the oldest, where any message will do and each of them is answered. Where it would be a guess, the scenario
 * is refused.
 */
import { instead } from '../condition.js'
import { type Located, wrong } from './located.js'
import type { Pattern } from './pattern.js'
import type { ReceiveStep, SendStep, Step, ThinkStep } from './step.js'
import { namesOf, type Template } from './template.js'

export interface SendDraft {
  readonly step: Omit<SendStep, 'replies'>
  readonly name: string | undefined
}

export interface ReceiveDraft {
  readonly step: Omit<ReceiveStep, 'answers' | 'timed'>
  readonly node: Located
  /** The name of the message that is answered. */
  readonly of: string | undefined
}

export type Draft = SendDraft | ReceiveDraft | { readonly step: ThinkStep }

interface Sent {
  readonly index: number
  readonly name: string | undefined
  /** Its `{id}` is part of it. */
  readonly hasId: boolean
  replies: number
}

type Answers = Pick<ReceiveStep, 'answers' | 'timed'>

/** @param counted - its times are: false of opening steps, where it matters to nobody. */
export function pairSteps(drafts: readonly Draft[], counted: boolean): Step[] {
  const pairing = new Pairing(counted)
  const steps = drafts.map((draft, i): (() => Step) => {
    if ('name' in draft) {
      const sent = pairing.send(i, draft)
      return () => ({ ...draft.step, replies: sent.replies })
    }
    const step = 'of' in draft ? { ...draft.step, ...pairing.receive(draft) } : draft.step
    return () => step
  })
  pairing.end()
  // Only now it is known how many replies each has.
  return steps.map(step => step())
}

class Pairing {
  readonly #counted: boolean
  readonly #sent: Sent[] = []
  /** Answers to the oldest of several, all of which must be answered. */
  readonly #inOrder: { readonly draft: ReceiveDraft; readonly among: readonly Sent[] }[] = []

  constructor(counted: boolean) {
    this.#counted = counted
  }

  send(index: number, { step, name }: SendDraft): Sent {
    const sent = { index, name, hasId: namesId(step.template), replies: 0 }
    this.#sent.push(sent)
    return sent
  }

  receive(draft: ReceiveDraft): Answers {
    const { node, step } = draft
    const { count, match, check } = step
    const { sents, timed } = this.#meant(draft)
    const looks = looksForId(match) || looksForId(check)
    if (looks && (sents.length === 0 || sents.some(({ hasId }) => !hasId))) {
      throw wrong(`${node.place}: {id} is that of the message that is answered; expected {id} in what is sent before`)
    }
    for (const sent of sents) sent.replies += sents.length === 1 ? count : 1
    return { answers: sents.map(({ index }) => index), timed }
  }

  end(): void {
    for (const { draft, among } of this.#inOrder) if (among.some(({ replies }) => replies === 0)) unclear(draft)
  }

  #meant(draft: ReceiveDraft): { readonly sents: readonly Sent[]; readonly timed: boolean } {
    const { step, of, node } = draft
    const among = of === undefined ? this.#sent : this.#sent.filter(({ name }) => name === of)
    const last = among.slice(-1)
    if (of !== undefined && last.length === 0) {
      const names = this.#sent.flatMap(({ name }) => name ?? [])
      throw wrong(
        `${node.place}: no message before this has the name ${of}; ${names.length === 0 ? 'none has a name' : instead(of, names)}`,
      )
    }
    const open = among.filter(({ replies }) => replies === 0)
    if (of === undefined && looksForId(step.match)) {
      const withId = open.filter(({ hasId }) => hasId)
      if (withId.length > 1) unclear(draft)
      // Each has a reply already: it is one more to the last one.
      return { sents: withId.length === 1 ? withId : this.#sent.filter(({ hasId }) => hasId).slice(-1), timed: true }
    }
    // Something that comes behind the replies: nobody knows since when.
    if (open.length === 0) return { sents: last, timed: of !== undefined || !this.#counted }
    if (open.length === 1) return { sents: open, timed: true }
    if (this.#counted) {
      if ((of === undefined && step.match !== undefined) || step.count > open.length) unclear(draft)
      this.#inOrder.push({ draft, among: open })
    }
    return { sents: open.slice(0, step.count), timed: true }
  }
}

function looksForId(pattern: Pattern | undefined): boolean {
  if (pattern === undefined) return false
  const templates = pattern.kind === 'regexp' ? [pattern.source] : pattern.fields.map(([, expected]) => expected)
  return templates.some(namesId)
}

function namesId(template: Template): boolean {
  return namesOf(template).includes('id')
}

function unclear({ node }: ReceiveDraft): never {
  throw wrong(
    `${node.place}: it may answer more than one message, and is timed from the one it answers; ` +
      'name that: { send: …, name: x } and { receive: { of: x } }',
  )
}
