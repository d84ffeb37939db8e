/**
 * The floor of how exact figures can be: bare sockets that send at the times of a plan, read what comes, and do nothing else. What
 * this program is late by, and how much later it reads than the server has sent, is the machine's, the kernel's and Node's.
 */
import type { Socket } from 'node:net'
import { buildRawFrame } from '../../src/conformance/raw-frame.js'
import { headerSize } from '../../src/framing/frame-header.js'
import { Histogram } from '../../src/load/histogram.js'
import { upgraded } from './upgraded.js'

/** What is sent when. */
export interface Plan {
  readonly connections: number
  /** Messages a second, evenly spaced. */
  readonly rate: number
  /** Octets of a message. */
  readonly size: number
  /** When the first is due, in milliseconds since 1970. */
  readonly startAt: number
  /** Milliseconds at the beginning of which nothing is told. */
  readonly warmUp: number
  /** Milliseconds behind them. */
  readonly duration: number
}

/** As those of a load's report: both from when each message was due. */
export interface Kept {
  readonly lateness: Histogram
  readonly rtt: Histogram
}

/** As many as the generator sends in a turn, so that what comes in is read between. */
const mostPerTurn = 32
/** What has not come so many milliseconds behind the end does not come. */
const patience = 2000

/** Sends messages that `delaying-server.ts` can tell apart, and reads its replies. */
export async function plannedLoop(url: string, plan: Plan): Promise<Kept> {
  const { connections, rate, size, startAt, warmUp, duration } = plan
  const total = Math.round((rate * (warmUp + duration)) / 1000)
  const first = Math.round((rate * warmUp) / 1000)
  const [lateness, rtt] = [new Histogram(), new Histogram()]
  // One after the other, as the server numbers them.
  const sockets: Socket[] = []
  for (let number = 0; number < connections; number++) sockets.push(await upgraded(url))
  const start = performance.now() + startAt - Date.now()
  const dueAt = (number: number) => start + (number * 1000) / rate
  const frame = buildRawFrame({ opcode: 2, payload: Buffer.alloc(size, 'x'), maskingKey: Buffer.alloc(4) })
  const digitsAt = headerSize(size, true)
  const send = (number: number, now: number) => {
    const octets = Buffer.from(frame)
    const round = Math.floor(number / connections)
    for (let digit = 0; digit < 4; digit++) octets[digitsAt + digit] = 0x30 + ((round >> (6 * digit)) & 63)
    sockets[number % connections]!.write(octets)
    if (number >= first) lateness.record(now - dueAt(number))
  }
  const replyLength = headerSize(size, false) + size
  let left = total
  const all = new Promise<void>(resolve => {
    for (const [place, socket] of sockets.entries()) {
      let rest: Buffer = Buffer.alloc(0)
      socket.on('data', chunk => {
        const now = performance.now()
        const octets = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
        let at = 0
        for (; at + replyLength <= octets.length; at += replyLength) {
          let round = 0
          for (let digit = 3; digit >= 0; digit--) {
            round = round * 64 + octets[at + replyLength - size + digit]! - 0x30
          }
          const number = round * connections + place
          if (number >= first) rtt.record(now - dueAt(number))
          if (--left === 0) resolve()
        }
        rest = octets.subarray(at)
      })
    }
  })
  await new Promise<void>(resolve => {
    let next = 0
    const turn = () => {
      const now = performance.now()
      for (let done = 0; done < mostPerTurn && next < total && dueAt(next) <= now; done++) send(next++, now)
      if (next < total) setImmediate(turn)
      else resolve()
    }
    turn()
  })
  await Promise.race([all, new Promise(resolve => setTimeout(resolve, patience))])
  for (const socket of sockets) socket.destroy()
  return { lateness, rtt }
}
