/** One thread of a load: a generator, told what to do and telling what came of it by messages. */
import { type MessagePort, parentPort } from 'node:worker_threads'
import type { BadPeersReport } from './bad-peers.js'
import { eachSecond } from './each-second.js'
import { Generators } from './generators.js'
import { SampleRows } from './sample-rows.js'
import type { Share } from './schedule.js'
import type { Fared } from './self-check.js'
import { isWatched } from './server/server-options.js'
import type { TallyState } from './tally.js'
import type { ThreadSettings } from './thread-settings.js'

/** The first message to a thread. */
export interface Begin {
  readonly settings: ThreadSettings
  readonly share: Share
  /** Tells each single time. */
  readonly samples: boolean
}

/**
 * What a thread is told then: `start`, with the time (milliseconds since 1970, with their fractions); `end`, that its time is
 * over, so that only the last replies are waited for; `stop`, to end the run now; `cut`, to end it without closing; `written`,
 * with the memory of samples that may serve again.
 */
export type Order =
  | { readonly kind: 'start'; readonly at: number }
  | { readonly kind: 'end' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'written'; readonly rows: Float64Array<ArrayBuffer> }

/**
 * What a thread tells: so many connections are open; all are, or have failed; a second of the run is over; all of it is.
 * `deserted`: none of its connections is open, and none is to come. And single times, see {@link SampleRows}.
 */
export type Told =
  | { readonly kind: 'opening'; readonly open: number }
  | { readonly kind: 'opened'; readonly tally: TallyState; readonly deserted: boolean }
  | { readonly kind: 'second'; readonly number: number; readonly tally: TallyState; readonly deserted: boolean }
  | { readonly kind: 'samples'; readonly rows: Float64Array<ArrayBuffer>; readonly dropped: number }
  | {
      readonly kind: 'finished'
      readonly tally: TallyState
      readonly badPeers: BadPeersReport
      readonly fared: Fared | undefined
    }

/** Serves the port until the run is over; then it is closed. */
export async function serve(port: MessagePort, { settings, share, samples }: Begin): Promise<void> {
  const tell = (told: Told, memory: readonly ArrayBuffer[] = []) => port.postMessage(told, memory)
  const rows = samples
    ? new SampleRows((rows, dropped) => tell({ kind: 'samples', rows, dropped }, [rows.buffer]))
    : undefined
  const generators = new Generators(settings, share, rows)
  let begin!: (at: number) => void
  const begun = new Promise<number>(resolve => {
    begin = resolve
  })
  port.on('message', (order: Order) => {
    if (order.kind === 'start') begin(order.at)
    else if (order.kind === 'written') rows!.back(order.rows)
    else if (order.kind === 'end') generators.end()
    else if (order.kind === 'stop') generators.stop()
    else generators.cut()
  })
  await generators.open(isWatched(settings) ? open => tell({ kind: 'opening', open }) : undefined)
  tell({ kind: 'opened', tally: generators.takeAll(), deserted: generators.areDeserted })
  const start = (await begun) - performance.timeOrigin
  const seconds = eachSecond(
    start,
    time => generators.passed(time),
    number => {
      tell({ kind: 'second', number, tally: generators.takeSecond(), deserted: generators.areDeserted })
      rows?.flush()
      generators.look()
    },
  )
  await generators.run(start)
  seconds.stop()
  await generators.close()
  rows?.flush()
  tell({
    kind: 'finished',
    tally: generators.takeAll(),
    badPeers: generators.badPeers,
    fared: generators.fared,
  })
  port.close()
}

// Only in a thread of its own is there a port.
parentPort?.once('message', serve.bind(undefined, parentPort))
