/** Reading the command line: options, quantities, limits; each mistake told in one line that names it. */
import fc from 'fast-check'
import t from 'tap'
import { type OptionTable, parseArguments } from '../../src/cli/arguments.js'
import { CommandError } from '../../src/cli/command-error.js'
import { limitNames, parseLimits } from '../../src/cli/limit-arguments.js'
import { parseCount, parseDuration, parsePort, parseSize } from '../../src/cli/quantity.js'
import { closest } from '../../src/cli/suggestion.js'
import { connectionSettings } from '../../src/connection/connection-settings.js'
import { resolveLimits } from '../../src/connection/limits.js'

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
    [['--port', '-1'], '--port needs a value: --port PORT'],
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
  const rows: [(what: string, text: string) => number, string, number | undefined][] = [
    [parseSize, '0', 0],
    [parseSize, '1048576', 1_048_576],
    [parseSize, '64KiB', 65_536],
    [parseSize, '64MiB', 67_108_864],
    [parseSize, '1gib', 2 ** 30],
    [parseSize, '7B', 7],
    [parseSize, '64MB', undefined],
    [parseSize, '64 MiB', undefined],
    [parseSize, '1.5MiB', undefined],
    [parseSize, '-1', undefined],
    [parseSize, '', undefined],
    [parseSize, 'MiB', undefined],
    [parseSize, '1e3', undefined],
    [parseSize, '1constructor', undefined],
    [parseSize, '999999999999999GiB', undefined],
    [parseSize, '9999999999999999', undefined],
    [parseDuration, '500', 500],
    [parseDuration, '500ms', 500],
    [parseDuration, '20s', 20_000],
    [parseDuration, '2min', 120_000],
    [parseDuration, '2h', undefined],
    [parseCount, '12', 12],
    [parseCount, '12s', undefined],
    [parsePort, '0', 0],
    [parsePort, '65535', 65_535],
    [parsePort, '65536', undefined],
    [parsePort, 'http', undefined],
  ]
  for (const [parse, text, value] of rows) {
    const name = `${parse.name} ${JSON.stringify(text)}`
    if (value !== undefined) t.equal(parse('--x', text), value, name)
    else t.throws(() => parse('--x', text), { name: 'CommandError', exitCode: 2, message: /^--x ".*" is not / }, name)
  }
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
      if (exact <= BigInt(Number.MAX_SAFE_INTEGER)) t.equal(BigInt(parseSize('--x', `${n}${unit}`)), exact)
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
    [['maxMesageSize=1'], 'unknown limit "maxMesageSize"; did you mean maxMessageSize?'],
    [['constructor=1'], /^unknown limit "constructor"; there are maxMessageSize, /],
    [['maxFragments=1MiB'], '--limit maxFragments "1MiB" is not a whole number'],
    [['pingInterval=1KiB'], '--limit pingInterval "1KiB" is not a time such as 500ms, 20s or 2min'],
    [['maxFragments=1', 'maxFragments=2'], '--limit maxFragments was given twice'],
  ]
  for (const [given, message] of rows) t.throws(() => parseLimits(given), { message, exitCode: 2 }, given.join(' '))
})

t.test('limits: every limit and deadline of a connection but those of the receive queue has its name here', async t => {
  const { limits } = connectionSettings(resolveLimits('server'))
  // The echo server takes every message at once: there is no queue.
  const names = Object.keys(limits).filter(name => !name.startsWith('receiveQueue'))
  t.same(
    names.filter(name => !limitNames.includes(name)),
    [],
  )
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
