/**
 * Wakes users who think, each at his own time: a timer brings them near it, for timers come up to a millisecond late, and that
 * would be lateness; the rest is spent in turns of the event loop that do not sleep, which all who are near have in common.
 */
import { awake, type PacerWorld } from '../pacer.js'

interface Alarm {
  readonly time: number
  readonly ring: (time: number) => void
}

export class Alarms {
  readonly #world: PacerWorld
  /** Those whose time is about to come. */
  readonly #near = new Set<Alarm>()
  #isAwake = false
  readonly #onTurn = (): void => this.#turn()

  constructor(world: PacerWorld) {
    this.#world = world
  }

  /**
   * Never calls back from within.
   *
   * @param ring - told that time when it has come, however late that is.
   * @returns what takes it back.
   */
  set(time: number, ring: (time: number) => void): () => void {
    const alarm = { time, ring }
    const left = time - this.#world.now()
    let cancel = () => {}
    if (left > awake) cancel = this.#world.after(Math.floor(left - awake), () => this.#approach(alarm))
    else this.#approach(alarm)
    return () => {
      cancel()
      this.#near.delete(alarm)
    }
  }

  #approach(alarm: Alarm): void {
    this.#near.add(alarm)
    if (this.#isAwake) return
    this.#isAwake = true
    this.#world.soon(this.#onTurn)
  }

  #turn(): void {
    const now = this.#world.now()
    for (const alarm of this.#near) {
      if (alarm.time > now) continue
      this.#near.delete(alarm)
      alarm.ring(alarm.time)
    }
    this.#isAwake = this.#near.size > 0
    if (this.#isAwake) this.#world.soon(this.#onTurn)
  }
}
