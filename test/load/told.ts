/** An owner of messages that writes down what it is told. */
import type { ExchangeOwner } from '../../src/load/exchange.js'

export class Told implements ExchangeOwner {
  readonly lines: string[] = []

  answered(due: number, sent: number, now: number): void {
    this.lines.push(`answered ${due} ${sent} ${now}`)
  }

  partly(due: number, now: number, isFirst: boolean): void {
    this.lines.push(`${isFirst ? 'first' : 'partly'} ${due} ${now}`)
  }

  began(due: number, at: number): void {
    this.lines.push(`began ${due} ${at}`)
  }

  reachedAll(due: number, now: number): void {
    this.lines.push(`all ${due} ${now}`)
  }

  lost(due: number): void {
    this.lines.push(`lost ${due}`)
  }

  wrong(due: number): void {
    this.lines.push(`wrong ${due}`)
  }

  other(): void {
    this.lines.push('other')
  }

  /** What has been told since the last time. */
  take(): string[] {
    return this.lines.splice(0)
  }

  /** Of an outlet: nothing is said beside the load. */
  say(): boolean {
    return false
  }

  async leave(): Promise<void> {
    this.lines.push('left')
  }
}
