/** How a connection stands for whoever drives it, and what it must tell when an application's call changes that. */
import type { Connection } from '../../src/connection/connection.js'
import { must } from '../violation.js'

export interface Stand {
  readonly output: boolean
  readonly hangUp: string
  readonly deadline: number
  readonly held: boolean
}

export function standOf(connection: Connection): Stand {
  const { hasOutput: output, hangUp, held } = connection
  return { output, hangUp, held, deadline: connection.nextDeadline() }
}

/** @throws Violation of "wake" when there is something new to do and wake() was not called. */
export function checkWake(before: Stand, after: Stand, woken: boolean): void {
  must('wake', woken || before.output || !after.output, 'output waits, and nobody was told')
  must('wake', woken || before.hangUp === after.hangUp, `hangUp became ${after.hangUp}, and nobody was told`)
  must('wake', woken || !before.held || after.held, 'nothing is held any more, and nobody was told')
  must('wake', woken || after.deadline >= before.deadline, 'a nearer deadline, and nobody was told')
}
