/** npm run bench: every contestant does its work, and the figures come out as a table and as JSON. */
import t from 'tap'
import { decodeQuestion } from '../../bench/decode.bench.js'
import { encodeQuestion } from '../../bench/encode.bench.js'
import { handshakeQuestion } from '../../bench/handshake.bench.js'
import { installCommand, loadWs } from '../../bench/load-ws.js'
import { maskQuestion } from '../../bench/mask.bench.js'
import { figuresOf, measure } from '../../bench/measure.js'
import { tableLine } from '../../bench/table.js'
import { utf8Question } from '../../bench/utf8.bench.js'
import { testWith } from '../peers/installable.js'
import { benchCommand } from './bench-command.js'

const questions = [decodeQuestion, encodeQuestion, handshakeQuestion, maskQuestion, utf8Question]

for (const question of questions) {
  t.test(`${question.name}: every contestant runs`, async t => {
    for (const [ws, native] of [[], [loadWs(), loadWs(true)]]) {
      for (const { name, contestants } of question.points(ws, native)) {
        t.doesNotThrow(
          () => {
            for (const contestant of contestants) contestant.run()
          },
          `${name}: ${contestants.map(one => one.name).join(', ')}`,
        )
      }
    }
  })
}

t.test('both sides of the handshake are compared with ws, where it is installed', async t => {
  for (const ws of [undefined, loadWs()]) {
    for (const { name, contestants } of handshakeQuestion.points(ws, undefined)) {
      const names = contestants.map(one => one.name)
      t.same(names, ws === undefined ? ['framewright'] : ['framewright', 'ws'], name)
    }
  }
})

t.test('figures are medians of rounds, and ratios are taken within each', async t => {
  const figures = figuresOf(
    ['framewright', 'ws'],
    [
      [10, 20, 90],
      [20, 60, 180],
    ],
  )
  t.same(figures, [
    { contestant: 'framewright', nanoseconds: 20, noise: 4, againstWs: 2 },
    { contestant: 'ws', nanoseconds: 60, noise: 160 / 60, againstWs: 1 },
  ])
  const [alone] = figuresOf(['framewright'], [[1, 2, 3, 4]])
  t.same(alone, { contestant: 'framewright', nanoseconds: 2.5, noise: 3 / 2.5, againstWs: undefined })
  t.equal(tableLine('a point', figures[0]!).replaceAll(/ +/g, ' '), 'a point framewright 20 400 % 2.00')
})

t.test('a contestant that fails is no figure', async t => {
  const throws = () => {
    throw new Error('broken')
  }
  const rejects = () => Promise.reject(new Error('broken'))
  for (const run of [throws, rejects]) {
    const point = { name: 'a', operations: 1, contestants: [{ name: 'a', run }] }
    await t.rejects(measure(point, { rounds: 1, seconds: 0.001 }), { message: 'broken' })
  }
})

t.test('a contestant that takes its time is measured to its end', async t => {
  let runs = 0
  const run = async () => {
    await new Promise<void>(resolve => setImmediate(resolve))
    runs++
  }
  const point = { name: 'a', operations: 1, contestants: [{ name: 'a', run }] }
  const [figure] = await measure(point, { rounds: 1, seconds: 0.01 })
  t.ok(runs > 2 && figure!.nanoseconds > 0)
})

const bench = benchCommand('main.js')

t.test('the command line', async t => {
  t.match(bench('--help'), { status: 0, stdout: /Exit codes: 0 / })
  for (const args of [['no'], ['--rounds', '0'], ['--seconds', '0'], ['--no']]) {
    t.match(bench(...args), { status: 2, stdout: '', stderr: /^bench: .+\n$/ }, args.join(' '))
  }
  t.match(bench('mask', '--only', '20 octets', '--rounds', '1', '--seconds', '0.001'), {
    status: 0,
    stdout: /^\nmask: .+\npoint .+\n20 octets +framewright +[\d.]+ +0 %/,
  })
})

t.test('figures as JSON', async t => {
  const { status, stdout } = bench(
    'decode',
    '--only',
    '20 octets, 1 a',
    '--rounds',
    '1',
    '--seconds',
    '0.001',
    '--json',
  )
  t.equal(status, 0)
  const { answers } = JSON.parse(stdout) as {
    answers: { point: string; figures: { contestant: string; nanoseconds: number }[] }[]
  }
  t.equal(answers.length, 1)
  for (const { contestant, nanoseconds } of answers[0]!.figures) t.ok(nanoseconds > 0, contestant)
})

const bufferutil = { name: 'bufferutil', installed: () => loadWs(true) !== undefined, install: installCommand }
await testWith(t, [bufferutil], 'ws with its native part and without are two', async t => {
  const octets = () => Buffer.alloc(1024)
  for (const ws of [loadWs(), loadWs(true)]) {
    const masked = octets()
    ws!.unmask(masked, Buffer.from('01020304', 'hex'))
    t.equal(masked.toString('hex', 0, 5), '0102030401')
  }
  t.match(loadWs()!.unmask.toString(), /for \(/)
  t.match(loadWs(true)!.unmask.toString(), /bufferUtil\.unmask/)
})
