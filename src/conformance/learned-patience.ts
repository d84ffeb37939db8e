/**
 * Patience that learns, for clients under test: they come at their own pace, most of them for one case after the other. What is
 * awaited comes at once or not at all; a client that never sends some one thing (a Pong, the end of TCP) would cost the longest
 * silence in hundreds of cases. After ten silences its answers have shown how quick it is, and what does not come is waited for
 * less: never less than a fifth as long, and many times as long as its slowest answer. A case that is not PASS by then says so.
 */
import type { Patience } from './patience.js'
import { type CaseResult, patienceFor } from './run-case.js'
import type { Finding } from './verdict.js'
import type { Waiting } from './waiting.js'

/** After so many silences, all of them waited for to their end; {@link LearnedPatience.told} has it in words. */
const enough = 10

/** The least that is left of the whole silence: one part of so many. */
const parts = 5

/** So many times as long as the slowest answer of late. */
const margin = 20

/** How much of what was slowest is remembered after one connection more: one slow moment is forgotten after some dozens. */
const memory = 0.9

export class LearnedPatience {
  readonly #whole: Patience
  #silences = 0
  #slowest = 0

  /** @param whole - what it begins with, and never exceeds. */
  constructor(whole: Patience) {
    this.#whole = whole
  }

  /** The patience of the next run. */
  get patience(): Patience {
    if (this.#silences < enough) return this.#whole
    const { silence } = this.#whole
    return { ...this.#whole, silence: Math.min(silence, Math.max(silence / parts, margin * this.#slowest)) }
  }

  /** Learns from a connection that is over. */
  learn({ silences, slowest }: Pick<Waiting, 'silences' | 'slowest'>): void {
    this.#silences += silences
    this.#slowest = Math.max(this.#slowest * memory, slowest)
  }

  /** The result, which tells of what was waited for less than the whole patience, if it is not PASS. */
  told(result: CaseResult, { silences }: Pick<Waiting, 'silences'>, patience: Patience): CaseResult {
    const whole = patienceFor(result.run, this.#whole).silence
    if (result.verdict === 'PASS' || silences === 0 || patience.silence >= whole) return result
    const waited = `waited ${seconds(patience.silence)} instead of ${seconds(whole)}, after ten silences before`
    const finding: Finding = { verdict: 'INFO', reason: waited }
    const side = result.behaviour.verdict === 'PASS' ? 'closing' : 'behaviour'
    return { ...result, [side]: { ...result[side], findings: [...result[side].findings, finding] } }
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
