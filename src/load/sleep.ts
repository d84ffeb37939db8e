/** A sleep until a time, from which whoever sleeps can be woken. */
import { callAt, type PacerWorld } from './pacer.js'

export class Sleep {
  readonly #world: PacerWorld
  #wake = () => {}

  constructor(world: PacerWorld) {
    this.#world = world
  }

  /** Resolves at that time, or when it is woken. */
  until(time: number): Promise<void> {
    return new Promise(resolve => {
      let cancel = () => {}
      this.#wake = () => {
        cancel()
        resolve()
      }
      cancel = callAt(this.#world, time, this.#wake)
    })
  }

  /** Ends the sleep that is slept, if one is. */
  wake(): void {
    this.#wake()
  }
}
