/** The steps of a class, understood and checked: what they name must be known by then. */
import { instead } from '../condition.js'
import { most } from '../load-amounts.js'
import {
  expected,
  fields,
  flag,
  type Located,
  list,
  mapping,
  plain,
  regExp,
  scalar,
  text,
  time,
  whole,
  wrong,
} from './located.js'
import { type Draft, pairSteps, type ReceiveDraft, type SendDraft } from './pair-steps.js'
import type { Capture, Pattern } from './pattern.js'
import type { Step } from './step.js'
import { namesOf, parseTemplate, type Template } from './template.js'
import { readThinkTime } from './think-time.js'

/** Steps, with those that are repeated as often as they are. */
const mostSteps = 1000
const defaultWithin = 5000
const kinds = ['send', 'receive', 'think', 'repeat'] as const
/** Names that always stand for values, and for which. */
const builtIn: ReadonlyMap<string, string> = new Map([
  ['id', 'another one for each message'],
  ['connection', 'the number of the connection'],
  ['number', 'how often the steps have begun'],
])

/** Reads lists of steps one after the other: what is captured in one is known in the next. */
export class StepReader {
  /** What stands for values from the beginning, and what those are. */
  readonly #given: ReadonlyMap<string, string>
  readonly #names: Set<string>

  /** @param values - those with one of several values, by chance. */
  constructor(values: ReadonlyMap<string, Located>) {
    for (const [name, node] of values) nameOf(name, node, builtIn)
    this.#given = new Map([...builtIn, ...[...values.keys()].map(name => [name, 'one of its values'] as const)])
    this.#names = new Set(this.#given.keys())
  }

  /** @param counted - their times are; those of opening steps are not. */
  read(node: Located | undefined, counted: boolean): Step[] {
    if (node === undefined) return []
    const steps = this.#list(node, '')
    if (steps.length > mostSteps) throw wrong(`${node.place}: ${steps.length} steps, more than ${mostSteps}`)
    return pairSteps(steps, counted)
  }

  #list(node: Located, before: string): Draft[] {
    return list(node, 'steps').flatMap((step, i) => this.#step(step, `${before}step ${i + 1}`))
  }

  #step(node: Located, label: string): Draft[] {
    const found = mapping(node, 'what is done: send, receive, think or repeat')
    const kind = kinds.find(kind => found.has(kind))
    if (kind === 'send') return [this.#send(node)]
    if (kind === 'receive') return [this.#receive(fields(node, ['receive']).receive!, label)]
    if (kind === 'think') return [{ step: { kind, time: readThinkTime(fields(node, ['think']).think!) } }]
    if (kind === 'repeat') return this.#repeat(node, label)
    const [unknown] = found
    if (unknown === undefined) return expected(node, 'one of send, receive, think, repeat')
    throw wrong(`${unknown[1].place}: there is no such step; ${instead(unknown[0], kinds)}`)
  }

  #send(node: Located): SendDraft {
    const { send, binary, name } = fields(node, ['send', 'binary', 'name'])
    const json = typeof send!.value !== 'string'
    const template = this.#template(send!, json ? JSON.stringify(plain(send!)) : text(send!))
    return {
      step: { kind: 'send', template, json, binary: binary !== undefined && flag(binary) },
      name: name && text(name),
    }
  }

  #receive(node: Located, label: string): ReceiveDraft {
    const found = fields(node, ['name', 'of', 'match', 'check', 'capture', 'within', 'count'])
    const step = {
      kind: 'receive',
      label: found.name === undefined ? label : text(found.name),
      match: found.match && this.#pattern(found.match),
      check: found.check && this.#pattern(found.check),
      within: found.within === undefined ? defaultWithin : time(found.within, 1),
      count: found.count === undefined ? 1 : whole(found.count, 1, most.replies),
    } as const
    const captures = found.capture === undefined ? [] : [...mapping(found.capture, 'names, and where they are read')]
    const capture = captures.map(([name, where]) => [this.#name(name, where), captureOf(where)] as const)
    return { step: { ...step, capture }, node, of: found.of && text(found.of) }
  }

  #repeat(node: Located, label: string): Draft[] {
    const { repeat, steps } = fields(node, ['repeat', 'steps'])
    const times = whole(repeat!, 1)
    if (steps === undefined) throw wrong(`${node.place}: expected steps beside repeat`)
    const once = this.#list(steps, `${label}, `)
    if (times * once.length > mostSteps) throw wrong(`${node.place}: more than ${mostSteps} steps`)
    return Array.from({ length: times }, () => once).flat()
  }

  #pattern(node: Located): Pattern {
    if (!(node.value instanceof Map)) {
      const source = this.#template(node, text(node))
      // What stands for names is taken literally, so any text shows whether the rest can be used.
      regExp({ place: node.place, value: source.map((part, i) => (i % 2 === 0 ? part : 'x')).join('') })
      return { kind: 'regexp', source }
    }
    const entries = [...node.value].map(([pointer, value]) => {
      if (!isPointer(pointer)) {
        throw wrong(`${value.place}: expected a JSON Pointer such as /status, got ${JSON.stringify(pointer)}`)
      }
      return [pointer, this.#template(value, scalar(value))] as const
    })
    return { kind: 'json', fields: entries }
  }

  #template({ place }: Located, source: string): Template {
    const template = parseTemplate(source)
    const unknown = namesOf(template).find(name => !this.#names.has(name))
    if (unknown === undefined) return template
    throw wrong(
      `${place}: there is no {${unknown}} here; there are ${[...this.#names].map(name => `{${name}}`).join(', ')}`,
    )
  }

  #name(name: string, node: Located): string {
    this.#names.add(nameOf(name, node, this.#given))
    return name
  }
}

/** @param taken - names of which another one would never be seen: what they stand for takes its place. */
function nameOf(name: string, { place }: Located, taken: ReadonlyMap<string, string>): string {
  if (!/^[a-zA-Z_]\w*$/.test(name)) throw wrong(`${place}: expected a name of letters, digits and _`)
  const what = taken.get(name)
  if (what === undefined) return name
  throw wrong(`${place}: {${name}} is ${what} already; call this otherwise`)
}

function isPointer(text: string): boolean {
  return /^(\/([^~]|~[01])*)?$/.test(text)
}

function captureOf(node: Located): Capture {
  const source = text(node)
  if (source.startsWith('/') && isPointer(source)) return { kind: 'json', pointer: source }
  regExp(node)
  if (new RegExp(`${source}|`, 'u').exec('')!.length < 2) {
    expected(node, 'a JSON Pointer such as /token, or a regular expression with a group')
  }
  return { kind: 'regexp', source }
}
