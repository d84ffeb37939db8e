/** Waits for what happens on one connection, and keeps how long that took, or that nothing did. */
import type { Patience } from './patience.js'
import { afterSilence } from './silence-clock.js'

export class Waiting {
  /** How often the longest silence was waited for to its end. */
  silences = 0
  /** The longest it took until something happened that was waited for, in ms. */
  slowest = 0
  /** Called when nothing has happened for a while, {@link Patience.asking}, and it goes on being waited for. */
  onQuiet = () => {}
  readonly #wakes = new Set<() => void>()

  /** Something has happened: whoever waits looks again. */
  wake(): void {
    for (const wake of this.#wakes) wake()
  }

  /** Resolves with true when something happens, with false when nothing does for so many ms. */
  async next(within: number, { asking, silence }: Patience): Promise<boolean> {
    const begun = performance.now()
    let happened = await this.#happening(Math.min(within, asking))
    if (!happened && within >= asking) {
      this.onQuiet()
      if (within > asking) happened = await this.#happening(within - asking)
    }
    if (happened) this.slowest = Math.max(this.slowest, performance.now() - begun)
    else if (within >= silence) this.silences++
    return happened
  }

  #happening(within: number): Promise<boolean> {
    return new Promise(resolve => {
      const settle = (happened: boolean) => {
        stop()
        this.#wakes.delete(wake)
        resolve(happened)
      }
      const wake = () => settle(true)
      const stop = afterSilence(within, () => settle(false))
      this.#wakes.add(wake)
    })
  }
}
