/**
 * Whether what is reported is the truth: of a server that keeps a log. It knows when each reply left, and, by a Ping behind
 * it, by when it had been read: between these two is when it came. `npm run bench:load:accuracy` has it with its figures, for
 * servers and rates of all kinds; here is what must hold on any machine, however busy.
 */
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { load } from '../../src/load/load.js'
import { tallyOf } from '../../src/load/reported-tally.js'
import { serve } from './known-servers.js'

t.test(
  'each percentile is between those of the log of a server that stalls, and its stall is seen by all who were due in it',
  async t => {
    const rate = 500
    /** When each reply left. */
    const left: number[] = []
    /** When it was known that it had been read: a Pong had come behind it, or, later still, the connection had ended. */
    const read: number[] = []
    const held: (() => void)[] = []
    let stalling = true
    const server = await serve(t, (connection, data) => {
      const number = left.push(0) - 1
      const reply = () => {
        left[number] = performance.timeOrigin + performance.now()
        connection.send(data)
        const isRead = () => {
          read[number] = performance.timeOrigin + performance.now()
        }
        connection.ping().then(isRead, isRead)
      }
      if (stalling) held.push(reply)
      else reply()
      // The stall ends when the 50th message has come, which was due after 98 ms.
      if (number !== 49) return
      stalling = false
      for (const release of held) release()
    })
    const report = await load(server.url, { connections: 1, warmUp: 0, size: 20, rate, duration: 400 })
    // One connection, so that the n-th that came is the n-th that was due; the start is told in whole milliseconds.
    const start = Date.parse(report.startedAt)
    const sincePlan = (times: readonly number[]) =>
      times.map((time, number) => time - (start + (number * 1000) / rate)).sort((a, b) => a - b)
    await server.ended(1)
    await setImmediate()
    const [truth, longest] = [sincePlan(left), sincePlan(read)]
    t.same([truth.length, longest.length], [200, 200])
    t.equal(report.counts.received, 200)
    const { rtt, rttFromSend, lateness } = report.times
    for (const percent of [1, 25, 50, 75, 90, 99, 99.9]) {
      const at = Math.max(0, Math.ceil((truth.length * percent) / 100) - 1)
      const [least, most] = [truth[at]!, longest[at]!]
      const reported = tallyOf(report).times('rtt').percentile(percent)
      // What comes behind is the way to the generator, and it ends before the way back.
      t.ok(reported >= least * 0.999 - 1, `p${percent}: ${reported}, and by the log no less than ${least}`)
      t.ok(reported <= most * 1.001 + 1, `p${percent}: ${reported}, and by the log no more than ${most}`)
    }
    // Messages of the stall: the n-th was held from 2n ms on, to 98 at least.
    t.ok(truth.filter(time => time >= 48).length >= 25)
    t.ok(rtt!.p90 >= 58, `${rtt!.p90}`)
    // Each is late and then under way: nothing is lost between the two, and nothing counted twice.
    const sum = lateness!.mean + rttFromSend!.mean
    t.ok(Math.abs(rtt!.mean - sum) < 0.002, `${rtt!.mean} and ${sum}`)
  },
)
