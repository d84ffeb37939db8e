/**
 * What every program here agrees on with the one that starts it (bench/servers/program.ts). Its only argument is an object
 * of JSON: `mode` ("echo"; "broadcast": each message goes to everybody; "deflate": echo, with all of
 * permessage-deflate that is offered), `tls` (files `cert` and `key`) and `options` of
 * framewright. It tells its port in a line of JSON on stdout, and ends when its stdin ends, so that none is ever left over.
 * At SIGUSR2 it gives back what nobody uses, so that its memory can be read.
 */
import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'
import { createInterface } from 'node:readline'

const given = JSON.parse(process.argv[2] ?? '{}')

export const { mode = 'echo', options = {} } = given

/** What node:tls, Bun and Deno take alike; undefined without TLS. */
export const tls = given.tls && {
  cert: readFileSync(given.tls.cert, 'utf8'),
  key: readFileSync(given.tls.key, 'utf8'),
}

process.on('SIGUSR2', () => globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' }))

/** Octets in the longest message that is measured. */
export const maxMessageSize = 64 * 1024 * 1024

/** A line of JSON to the program that started this one. */
export function tell(line) {
  console.log(JSON.stringify(line))
}

/** Hands the lines of stdin to `hear`, and ends with stdin. */
export function hearLines(hear) {
  createInterface({ input: process.stdin })
    .on('line', hear)
    .on('close', () => process.exit(0))
}

/** Tells the port of a server. The line `delay` begins to watch the event loop, and at the next one tells what was seen. */
export function listening(port) {
  let delay
  hearLines(() => {
    if (delay === undefined) {
      delay = monitorEventLoopDelay({ resolution: 1 })
      delay.enable()
      tell({ watching: true })
    } else {
      delay.disable()
      tell({ p50: delay.percentile(50) / 1e6, p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 })
      delay = undefined
    }
  })
  tell({ port })
}
