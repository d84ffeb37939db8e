/** Every target of the fuzzer over its corpus, and over a few hundred inputs of a seed that does not change. */
import fc from 'fast-check'
import t from 'tap'
import { readVectors } from '../../fuzz/corpus.js'
import { runInput, runTarget } from '../../fuzz/runner.js'
import type { Target } from '../../fuzz/target.js'
import { targets } from '../../fuzz/targets.js'

for (const target of targets) {
  t.test(`${target.name}: every vector of the corpus`, async t => {
    const vectors = readVectors(target.name)
    t.ok(vectors.length > 0, 'there are some')
    for (const { name, lines } of vectors) t.equal(runInput(target, lines), undefined, name)
  })

  t.test(`${target.name}: 200 inputs`, async t => {
    t.same(runTarget(target, { runs: 200, seed: 6455 }), { runs: 200, finding: undefined })
  })

  t.test(`${target.name}: an input is the same after it was written down`, async t => {
    for (const input of fc.sample(target.inputs, { numRuns: 20, seed: 1 })) {
      const lines = target.format(input)
      if (!lines.every(line => /^[^;']+$/.test(line))) t.fail(`a line with ; or ': ${lines}`)
      if (JSON.stringify(target.format(target.parse(lines))) !== JSON.stringify(lines)) t.fail(`${lines}`)
    }
    t.pass()
  })
}

/** A target whose only parser is what it checks. */
function octetTarget(check: (octet: number) => void): Target<number> {
  return {
    name: 'octet',
    about: '',
    inputs: fc.nat({ max: 255 }),
    check,
    format: n => [String(n)],
    parse: ([n]) => Number(n),
  }
}

t.test('2.8 ending: an exception that is not documented is a finding, made as small as it gets', async t => {
  const target = octetTarget(octet => {
    if (octet > 100) throw new RangeError('over 100')
  })
  const { finding } = runTarget(target as Target, { runs: 1000, seed: 1 })
  t.match(finding, { property: 'ending', message: /RangeError: over 100/, lines: ['101'] })
})

t.test('2.8 ending: an endless loop is a finding', async t => {
  const target = octetTarget(octet => {
    while (octet > 200);
  })
  const { finding } = runTarget(target as Target, { runs: 1000, seed: 1, timeout: 200 })
  t.match(finding, { property: 'ending', message: 'no end after 0.2 s' })
})

t.test('2.8 ending: more than a second of CPU is a finding', async t => {
  const target = octetTarget(octet => {
    const before = process.cpuUsage()
    while (octet === 1 && process.cpuUsage(before).user < 1_100_000) for (let i = 0; i < 1e7; i++);
  })
  t.match(runInput(target as Target, ['1']), { property: 'ending', message: /^it took \d+(\.\d+)? ms of CPU$/ })
  t.equal(runInput(target as Target, ['2']), undefined)
})
