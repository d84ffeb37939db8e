/** Reading the command line: options, quantities, limits; each mistake told in one line that names it. */
import fc from 'fast-check'
import t from 'tap'
import { createServer } from '../../src/api/server.js'
import { type OptionTable, parseArguments } from '../../src/cli/arguments.js'
import { CommandError } from '../../src/cli/command-error.js'
import { limitLines, limitNames, parseLimits } from '../../src/cli/limit-arguments.js'
import { parseCount, parseDuration, parsePort, parseSize, parseWord } from '../../src/cli/quantity.js'
import { resolveLimits } from '../../src/connection/limits.js'
import { closest } from '../../src/suggestion.js'

const table: OptionTable = {
  port: { value: 'PORT', help: '' },
  header: { short: 'H', value: 'FIELD', multiple: true, help: '' },
  binary: { short: 'b', help: '' },
}

t.test('what a command line gives', async t => {
  const rows: [string[], string[], Record<string, string[]>][] = [
    [[], [], {}],
    [['a', 'b'], ['a', 'b'], {}],
    [['--port', '1', 'a'], ['a'], { port: ['1'] }],
    [['a', '--port=1'], ['a'], { port: ['1'] }],
    [['--port='], [], { port: [''] }],
    [['--port', '-'], [], { port: ['-'] }],
    [['--port=-1'], [], { port: ['-1'] }],
    [['--port', '-1'], [], { port: ['-1'] }],
    [['-H', 'a: b', '-Hc: d', '--header', 'e: f'], [], { header: ['a: b', 'c: d', 'e: f'] }],
    [['-b'], [], { binary: [''] }],
    [['--', '--port'], ['--port'], {}],
  ]
  for (const [args, positionals, values] of rows) {
    const given = parseArguments(args, table)
    t.same(given.positionals, positionals, args.join(' '))
    for (const name of Object.keys(table)) {
      t.same(given.all(name), values[name] ?? [], `${args.join(' ')}: ${name}`)
      t.equal(given.get(name), values[name]?.[0])
      t.equal(given.has(name), name in values)
    }
  }
})

t.test('what is wrong with a command line', async t => {
  const rows: [string[], string][] = [
    [['--prot', '1'], 'unknown option --prot; did you mean --port?'],
    [['--xyzzy'], 'unknown option --xyzzy'],
    [['-x'], 'unknown option -x'],
    [['--constructor'], 'unknown option --constructor'],
    [['--port'], '--port needs a value: --port PORT'],
    [['--port', '--binary'], '--port needs a value: --port PORT'],
    [['--port', '-b'], '--port needs a value: --port PORT'],
    [['-H'], '-H needs a value: -H FIELD'],
    [['--binary=1'], '--binary takes no value'],
    [['--port', '1', '--port', '2'], '--port was given twice'],
    [['-b', '--binary'], '--binary was given twice'],
  ]
  for (const [args, message] of rows) {
    t.throws(() => parseArguments(args, table), new CommandError(message), args.join(' '))
  }
})

t.test('quantities', async t => {
  const size = (text: string) => parseSize('--x', text, ['unlimited'])
  const time = (text: string) => parseDuration('--x', text, ['off'])
  const wait = (text: string) => parseDuration('--x', text, ['forever'], 0)
  const count = (text: string) => parseCount('--x', text)
  const replies = (text: string) => parseCount('--x', text, [], 0)
  const word = (text: string) => parseWord('--x', text, ['close', 'drop', 'error'])
  const port = (text: string) => parsePort('--x', text)
  const rows: [(text: string) => number | string, string, number | string | undefined][] = [
    [size, '1', 1],
    [size, '1048576', 1_048_576],
    [size, '64KiB', 65_536],
    [size, '64MiB', 67_108_864],
    [size, '1gib', 2 ** 30],
    [size, '7B', 7],
    [size, 'unlimited', 'unlimited'],
    [size, '0', undefined],
    [size, '64MB', undefined],
    [size, '64 MiB', undefined],
    [size, '1.5MiB', undefined],
    [size, '-1', undefined],
    [size, '', undefined],
    [size, 'MiB', undefined],
    [size, '1e3', undefined],
    [size, '1constructor', undefined],
    [size, '999999999999999GiB', undefined],
    [size, '9999999999999999', undefined],
    [size, 'off', undefined],
    [time, '500ms', 500],
    [time, '20s', 20_000],
    [time, '2min', 120_000],
    [time, '2h', 7_200_000],
    [time, '2147483647ms', 2 ** 31 - 1],
    [time, '596h', 596 * 3_600_000],
    [time, 'off', 'off'],
    [time, '2147483648ms', undefined],
    [time, '597h', undefined],
    [time, '0', undefined],
    [time, '2d', undefined],
    [time, 'forever', undefined],
    [wait, '0', 0],
    [wait, 'forever', 'forever'],
    [count, '12', 12],
    [count, '0', undefined],
    [count, '12s', undefined],
    [replies, '0', 0],
    [word, 'drop', 'drop'],
    [word, 'Drop', undefined],
    [port, '0', 0],
    [port, '65535', 65_535],
    [port, '65536', undefined],
    [port, 'http', undefined],
  ]
  for (const [parse, text, value] of rows) {
    if (value !== undefined) t.equal(parse(text), value, text)
    else t.throws(() => parse(text), { name: 'CommandError', exitCode: 2, message: /^--x ".*" is not / }, text)
  }
})

t.test('quantities: what is wrong with them says what would do', async t => {
  const rows: [() => unknown, string][] = [
    [() => parseSize('--x', '0'), '--x "0" is not a size of at least one octet (1048576, 64KiB, 16MiB, …)'],
    [
      () => parseSize('--x', '1MB', ['unlimited']),
      '--x "1MB" is not a size of at least one octet (1048576, 64KiB, 16MiB, …) or \'unlimited\'',
    ],
    [
      () => parseDuration('--x', '0', ['off']),
      '--x "0" is not a time from 1ms to 596h (500ms, 20s, 2min, …) or \'off\'',
    ],
    [() => parseDuration('--x', '10', ['off']), '--x 10 has no unit: 10s or 10ms?'],
    [() => parseCount('--x', 'a', [], 0), '--x "a" is not a whole number from 0 on'],
    [() => parseWord('--x', 'a', ['b', 'c', 'd']), "--x \"a\" is not 'b', 'c' or 'd'"],
    [() => parsePort('--x', '70000'), '--x "70000" is not a port from 0 to 65535'],
  ]
  for (const [parse, message] of rows) t.throws(parse, { message })
})

t.test('sizes: any number of any unit is what it says, exactly', async t => {
  const units: [string, bigint][] = [
    ['', 1n],
    ['KiB', 1024n],
    ['MiB', 1024n ** 2n],
    ['GiB', 1024n ** 3n],
  ]
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(...units), (n, [unit, factor]) => {
      const exact = BigInt(n) * factor
      if (exact > 0n && exact <= BigInt(Number.MAX_SAFE_INTEGER))
        t.equal(BigInt(parseSize('--x', `${n}${unit}`)), exact)
      else t.throws(() => parseSize('--x', `${n}${unit}`))
    }),
  )
})

t.test('limits: sizes, counts, times and words find their places', async t => {
  const given = ['maxMessageSize=1MiB', 'sendOverflow=drop', 'maxFragments=10', 'pingInterval=5s', 'idleTimeout=off']
  t.same(parseLimits([...given, 'maxConnections=7', 'handshakeTimeout=1s', 'maxSendBuffer=unlimited']), {
    limits: { maxMessageSize: 2 ** 20, sendOverflow: 'drop', maxFragments: 10, maxSendBuffer: 'unlimited' },
    deadlines: { pingInterval: 5000, idleTimeout: 'off' },
    maxConnections: 7,
    handshakeTimeout: 1000,
  })
  t.same(parseLimits([]), { limits: {}, deadlines: {} })
})

t.test('limits: what is wrong with them', async t => {
  const rows: [string[], string | RegExp][] = [
    [['maxMessageSize'], '--limit needs NAME=VALUE, not "maxMessageSize"'],
    [['=1'], '--limit needs NAME=VALUE, not "=1"'],
    [['maxMessageSize='], '--limit needs NAME=VALUE, not "maxMessageSize="'],
    [['maxMesageSize=1'], '--limit: there is no "maxMesageSize"; did you mean maxMessageSize?'],
    [['constructor=1'], /^--limit: there is no "constructor"; there are maxMessageSize, /],
    [['maxFragments=1MiB'], '--limit maxFragments "1MiB" is not a whole number from 1 on or \'unlimited\''],
    [['pingInterval=1KiB'], /^--limit pingInterval "1KiB" is not a time from 1ms to 596h \(.*\) or 'off'$/],
    [['pingInterval=abc'], /^--limit pingInterval "abc" is not a time /],
    [['closeTimeout=off'], /^--limit closeTimeout "off" is not a time from 1ms to 596h \([^)]*\)$/],
    [['sendOverflow=perhaps'], "--limit sendOverflow \"perhaps\" is not 'close', 'drop' or 'error'"],
    [['maxFragments=1', 'maxFragments=2'], '--limit maxFragments was given twice'],
  ]
  for (const [given, message] of rows) t.throws(() => parseLimits(given), { message, exitCode: 2 }, given.join(' '))
})

t.test('limits: there are those of the API, each with the values that it takes there', async t => {
  const ofConnections = Object.keys(resolveLimits('server'))
  t.same(
    limitNames.toSorted(),
    [...ofConnections, 'handshakeTimeout', 'maxConnections', 'maxPendingHandshakes'].toSorted(),
  )
  const takes = (call: () => unknown): boolean => {
    try {
      call()
      return true
    } catch {
      return false
    }
  }
  for (const name of limitNames) {
    const unit = /Timeout$|Interval$/.test(name) ? 's' : ''
    t.ok(takes(() => createServer(parseLimits([`${name}=7${unit}`]))) || name === 'sendOverflow', `${name}=7${unit}`)
    for (const word of ['unlimited', 'off', 'close', 'drop', 'error']) {
      const given = takes(() => createServer(parseLimits([`${name}=${word}`])))
      const api = ofConnections.includes(name)
        ? takes(() => resolveLimits('server', { [name]: word }))
        : word === 'unlimited' && name.startsWith('max')
      t.equal(given, api, `${name}=${word}`)
    }
  }
})

t.test('limits: the help has each of them once', async t => {
  const lines = limitLines()
  t.same(
    lines
      .join(' ')
      .match(/\b[a-z]+(?:[A-Z]\w*)\b/g)
      ?.toSorted(),
    limitNames.toSorted(),
  )
  t.equal(lines[0], "SIZE or 'unlimited'         maxMessageSize, maxFrameSize, receiveQueueSize, maxSendBuffer,")
  t.equal(lines[1], '                            maxOutgoingFrameSize')
})

t.test('suggestions', async t => {
  const names = ['echo', 'connect', 'maxMessageSize']
  const rows: [string, string | undefined][] = [
    ['ehco', 'echo'],
    ['ohce', undefined],
    ['eco', 'echo'],
    ['Echo', 'echo'],
    ['conect', 'connect'],
    ['conn', 'connect'],
    ['', undefined],
    ['maxmessagesize', 'maxMessageSize'],
    ['zzz', undefined],
  ]
  for (const [given, name] of rows) t.equal(closest(given, names), name, given)
  t.equal(closest('ab', ['abc', 'abd']), 'abc', 'the first of those that are equally near')
  t.equal(closest('lon', ['longest', 'longer']), undefined, 'which one?')
})
