/** What one thread does of a load: all of it, or its part of each class of a scenario. */
import { addBadPeers, type BadPeersReport } from './bad-peers.js'
import { Generator } from './generator.js'
import { eventLoop } from './pacer.js'
import type { SampleRows } from './sample-rows.js'
import type { Share } from './schedule.js'
import type { Fared } from './self-check.js'
import { Tally, type TallyState } from './tally.js'
import type { ThreadSettings } from './thread-settings.js'

export class Generators {
  readonly #all: readonly { readonly name: string; readonly generator: Generator }[]

  /** @param rows - keep each single time, where that is asked for. */
  constructor(settings: ThreadSettings, share: Share, rows?: SampleRows) {
    const { classes } = settings
    const parts = classes.length === 0 ? [{ name: '', settings }] : classes
    this.#all = parts.map(({ name, settings }, part) => {
      const tally = new Tally(rows && (time => rows.histogram(time, part)))
      return { name, generator: new Generator(settings, share, eventLoop, tally) }
    })
  }

  /** How this thread has fared, once it has {@link run}: all of its generators see the same one. */
  get fared(): Fared | undefined {
    const all = this.#all.flatMap(({ generator }) => generator.fared ?? [])
    const [first] = all
    const buffered = all.reduce((sum, { thread }) => sum + thread.buffered, 0)
    return first && { ...first, thread: { ...first.thread, buffered } }
  }

  /** What those of its connections have come to that do not behave. */
  get badPeers(): BadPeersReport {
    return this.#all.map(({ generator }) => generator.badPeers.report).reduce(addBadPeers)
  }

  /** None of them has an open connection, nor will have one. */
  get areDeserted(): boolean {
    return this.#all.every(({ generator }) => generator.isDeserted)
  }

  /** Whether all has been sent that was due before a time. */
  passed(time: number): boolean {
    return this.#all.every(({ generator }) => generator.passed(time))
  }

  /** What was counted in the second that is over. */
  takeSecond(): TallyState {
    return this.#sum(generator => generator.takeSecond())
  }

  /** What was counted, and not taken. */
  takeAll(): TallyState {
    return this.#sum(generator => generator.takeAll())
  }

  #sum(take: (generator: Generator) => TallyState): TallyState {
    const [only, ...others] = this.#all
    if (others.length === 0 && only!.name === '') return take(only!.generator)
    const tally = new Tally()
    for (const { name, generator } of this.#all) {
      const state = take(generator)
      tally.add(state)
      tally.classOf(name).add(state)
    }
    return tally.take()
  }

  /** @param progress - told now and then how many connections are open. */
  async open(progress: ((open: number) => void) | undefined): Promise<void> {
    const open = new Map<Generator, number>()
    await this.#each(generator =>
      generator.open(number => {
        open.set(generator, number)
        progress?.([...open.values()].reduce((sum, one) => sum + one))
      }),
    )
  }

  async run(start: number): Promise<void> {
    await this.#each(generator => generator.run(start))
  }

  async close(): Promise<void> {
    await this.#each(generator => generator.close())
  }

  end(): void {
    for (const { generator } of this.#all) generator.end()
  }

  stop(): void {
    for (const { generator } of this.#all) generator.stop()
  }

  cut(): void {
    for (const { generator } of this.#all) generator.cut()
  }

  /** Once a second: see {@link Generator.look}. */
  look(): void {
    for (const { generator } of this.#all) generator.look()
  }

  async #each(call: (generator: Generator) => Promise<void>): Promise<void> {
    await Promise.all(this.#all.map(({ generator }) => call(generator)))
  }
}
