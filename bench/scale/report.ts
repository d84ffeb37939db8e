/** Growth and crowds as text. */
import { bold, number, percent } from '../servers/report.js'
import { type Bound, isHeld } from './bound.js'
import type { Crowd } from './crowd.js'
import type { GrowthStep, Item } from './growth.js'

const about: Readonly<Record<Item, string>> = {
  octet: 'octets in a message, 4 connections',
  connection: 'connections, each with one message of 20 octets under way',
  fragment: 'fragments of 64 octets in a message, 4 connections',
}

export function growthTable(item: Item, steps: readonly GrowthStep[]): string {
  const perItem = item === 'connection' ? 'ns a message' : `ns ${item === 'octet' ? 'an' : 'a'} ${item}`
  const lines = steps.map(({ name, message, item, growth, noise }) =>
    row([name, number(message / 1000), number(item), growth.toFixed(2), percent(noise)]),
  )
  return [bold(about[item]), row(['', 'µs a message', perItem, 'growth', 'noise']), ...lines].join('\n')
}

function row(values: readonly string[]): string {
  return values.map(value => value.padStart(14)).join('')
}

export function crowdLines({ connections, seconds, messagesPerSecond, ...crowd }: Crowd): string {
  return [
    bold(`${connections.toLocaleString('en')} open connections for ${seconds.toFixed(0)} s`),
    `  idle: ${percent(crowd.idleCpu)} of a core`,
    `  ${messagesPerSecond} messages a second in all: ${percent(crowd.talkingCpu)} of a core; there and back in`,
    `    ${number(crowd.p50)} ms (p50), ${number(crowd.p99)} ms (p99)`,
    `    event loop, of turns 1 ms apart: ${number(crowd.delayP50)} ms (p50), ${number(crowd.delayP99)} ms (p99), ${number(crowd.delayMax)} ms (most)`,
  ].join('\n')
}

export function boundLine(bound: Bound): string {
  const { name, value, most, unit, floor } = bound
  const beside = floor === undefined ? '' : `; the floor ${number(floor)}`
  return `${isHeld(bound) ? 'held    ' : 'NOT HELD'}  ${name}: ${number(value)} ${unit} (at most ${number(most)}${beside})`
}
