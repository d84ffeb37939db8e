/** The highest rate that holds: the search by itself, and with servers whose limit is known. */
import t from 'tap'
import { type FindRateOptions, findRate, findRateOf, type RateStep, search } from '../../src/load/find-rate.js'
import { load } from '../../src/load/load.js'
import type { LoadOptions } from '../../src/load/load-options.js'
import type { LoadReport } from '../../src/load/report.js'
import { echo, serve } from './known-servers.js'
import { madeReport } from './made-report.js'

/** All rates that are tried where everything up to `limit` holds. */
function tried(limit: number, from: number, to: number, precision: number): number[] {
  const rates = search(from, to, precision)
  const found: number[] = []
  for (let next = rates.next(); next.done !== true; ) {
    found.push(next.value)
    next = rates.next(next.value <= limit)
  }
  return found
}

t.test('the search closes in on every limit, and no rate above `to` is tried', async t => {
  for (const limit of [1, 7, 999, 1000, 1001, 54_321, 1e6]) {
    const rates = tried(limit, 1000, 1e5, 0.05)
    const best = Math.max(...rates.filter(rate => rate <= limit))
    t.ok(best === 1e5 || best > limit / 1.06 - 1, `${limit}: ${best}`)
    t.ok(Math.max(...rates) <= 1e5)
    t.ok(rates.length < 25, `${rates.length}`)
    t.equal(new Set(rates).size, rates.length)
  }
  t.same(tried(0.5, 4, 8, 0.1), [4, 2, 1], 'not even one a second')
  t.same(tried(9, 4, 8, 0.1), [4, 8])
})

/** A server that loses messages beyond a rate, and a generator that is bound beyond another. */
function loaded({ most = Number.POSITIVE_INFINITY, sendable = Number.POSITIVE_INFINITY, unsent = 0 }) {
  return async (options: LoadOptions) => {
    const rate = options.rate as number
    const report = madeReport({
      seconds: [[1, 2]],
      lost: rate > most ? 1 : 0,
      options: { ...options, duration: undefined },
      busy: 0,
      stages: { lateness: [rate > sendable && unsent === 0 ? 100 : 0] },
    })
    const { counts, verdict } = report
    return {
      ...report,
      counts: { ...counts, missed: rate > sendable ? unsent : 0 },
      verdict:
        rate > sendable && unsent === 0 ? { measured: true, generatorBound: true, reasons: ['too slow'] } : verdict,
    }
  }
}

const slo = ['lost <= 0', 'rtt.p50 < 10ms']

function rates(steps: readonly RateStep[]): number[] {
  return steps.map(({ rate }) => Math.floor(rate))
}

/** Where nobody is. */
const url = 'ws://127.0.0.1:1'

t.test('the server does not hold more', async t => {
  const steps: RateStep[] = []
  const found = await findRateOf(url, loaded({ most: 5000 }), { slo, onStep: step => steps.push(step) })
  t.equal(found.limit, 'server')
  t.ok(found.rate <= 5000 && found.rate > 5000 / 1.06, `${found.rate}`)
  t.same(found.steps, steps)
  t.same(steps.find(({ holds }) => !holds)?.reasons, ['lost <= 0 does not hold: it was 1'])
  t.ok(steps.every(({ report }) => report.settings.segments?.[0]?.to === report.settings.segments?.at(-1)?.to))
})

t.test('what holds is nothing that must not be: the report of a run has no conditions', async t => {
  const { steps } = await findRateOf(url, loaded({}), { slo, to: 1000 })
  t.match(steps, [{ holds: true, reasons: [], report: { conditions: [], settings: { failIf: [] } } }])
})

t.test('more cannot be sent; no more was to be tried', async t => {
  const bound = await findRateOf(url, loaded({ sendable: 3000 }), { slo, from: 2000, precision: 0.9 })
  t.match(bound, { rate: 2828.42712474619, limit: 'generator', steps: [{}, { reasons: ['too slow'] }] })
  t.same(rates(bound.steps), [2000, 4000, 4000, 2828], 'a second time')
  const unsent = await findRateOf(url, loaded({ sendable: 3000, unsent: 7 }), { slo, from: 2000, precision: 0.9 })
  t.match(unsent, {
    rate: 2828.42712474619,
    limit: 'server',
    steps: [{}, { reasons: ['missed <= 0.5% does not hold: it was 350 %'] }],
  })
  t.match(await findRateOf(url, loaded({}), { slo, to: 3000 }), { rate: 3000, limit: 'maximum', steps: { length: 3 } })
})

t.test('the first rate is none above the highest', async t => {
  const low = await findRateOf(url, loaded({}), { slo, to: 500 })
  t.match(low, { rate: 500, limit: 'maximum', steps: { length: 1 } })
  const high = await findRateOf(url, loaded({}), { slo, to: 5000 })
  t.equal(high.steps[0]?.rate, 1000)
})

t.test('nothing holds: what was never measured does not', async t => {
  const none = await findRateOf(url, loaded({}), { slo: ['ping.p50 < 60s'], from: 2 })
  t.match(none, { rate: 0, limit: 'server' })
  t.same(none.steps.at(-1)?.reasons, ['ping.p50 < 60s does not hold: it was never measured'])
})

t.test('what has no reply is in no percentile: it is asked for besides, unless it is said how much may be', async t => {
  const lacking = (counts: Partial<LoadReport['counts']>) => async (options: LoadOptions) => {
    const report = madeReport({ seconds: [Array(96).fill(1)], options: { ...options, duration: undefined }, busy: 0 })
    return { ...report, counts: { ...report.counts, ...counts } }
  }
  const fast = 'rtt.p99 < 10ms'
  const rows: [lacking: Partial<LoadReport['counts']>, slo: string[], why: string | undefined][] = [
    [{ unanswered: 96, expected: 192 }, [fast], 'unanswered <= 0.1% does not hold: it was 50 %'],
    [{ lost: 4, expected: 100 }, [fast], 'lost <= 0.1% does not hold: it was 4 %'],
    [{ wrong: 4, expected: 100 }, [fast, 'lost <= 9%'], 'wrong <= 0.1% does not hold: it was 4 %'],
    [{ missed: 96, planned: 192 }, [fast], 'missed <= 0.5% does not hold: it was 50 %'],
    [{ failed: 2 }, [fast], 'failed <= 0.1% does not hold: it was 50 %'],
    [{ unanswered: 96, expected: 192 }, [fast, 'unanswered <= 60%'], undefined],
    [{ unanswered: 48, lost: 48, expected: 192 }, [fast, 'reach >= 50%'], undefined],
    [{ wrong: 96, expected: 192 }, [fast, 'received >= 9'], undefined],
    [{ missed: 96, planned: 192, failed: 2 }, [fast, 'missed <= 96', 'failed < 3'], undefined],
    [{ expected: 0, planned: 0 }, [fast], undefined],
  ]
  for (const [counts, slo, why] of rows) {
    const { rate, steps } = await findRateOf(url, lacking(counts), { slo, from: 1, to: 1 })
    t.same(steps[0]?.reasons, why === undefined ? [] : [why], `${JSON.stringify(counts)} ${slo.join()}`)
    t.equal(rate, why === undefined ? 1 : 0)
  }
})

t.test('a server that is behind at the end has not held the rate, though it answers all later', async t => {
  const behind = (options: LoadOptions) =>
    Promise.resolve({
      ...madeReport({ seconds: [[1, 2]], options: { ...options, duration: undefined }, busy: 0 }),
      backlog: { replies: 2, time: 500 },
    })
  const found = await findRateOf(url, behind, { slo: ['reach >= 100%'], from: 1, to: 1 })
  const why =
    'the server did not keep up: 2 replies more than usual were under way at the end: it was 500 ms of the rate behind'
  t.match(found, { rate: 0, limit: 'server', steps: [{ reasons: [why] }] })
  const bound = async (options: LoadOptions): Promise<LoadReport> => {
    const verdict = { measured: true, generatorBound: true, reasons: ['too slow'] }
    return { ...(await behind(options)), verdict }
  }
  // It may be the generator that has not read them.
  const unknown = await findRateOf(url, bound, { slo: ['reach >= 100%'], from: 1, to: 1 })
  t.match(unknown, { limit: 'generator', steps: [{ reasons: ['too slow'] }] })
  t.equal(unknown.steps[0]?.reasons.length, 1)
})

t.test('a server that answers every second connection holds no rate', async t => {
  const deaf = new Set<unknown>()
  let connections = 0
  const connection = (one: unknown) => void (connections++ % 2 === 1 && deaf.add(one))
  const server = await serve(t, (one, data, number) => deaf.has(one) || echo(one, data, number), {
    handlers: { connection },
  })
  const slo = ['rtt.p99 < 60s']
  const run = { connections: 2, duration: 100, warmUp: 0, drain: 100, from: 1, to: 1, slo }
  const found = await findRateOf(
    url,
    async options => {
      const report = await load(server.url, { ...options, rate: 40 })
      t.match(report.counts, { received: 2, unanswered: 2 })
      // However busy this machine is.
      return { ...report, verdict: { ...report.verdict, generatorBound: false, reasons: [] } }
    },
    run,
  )
  t.match(found, { rate: 0, steps: [{ reasons: ['unanswered <= 0.1% does not hold: it was 50 %'] }] })
})

t.test(
  'a server of a known capacity: the rate is below it, though what is above is answered, too, only later',
  async t => {
    // One queue: each message takes 10 ms, so there are 100 a second.
    const [service, capacity] = [10, 100]
    let done = 0
    const server = await serve(t, (connection, data) => {
      const now = performance.now()
      done = Math.max(now, done) + service
      setTimeout(() => connection.send(data), done - now)
    })
    const options = {
      connections: 2,
      duration: 2000,
      warmUp: 0,
      slo: ['reach >= 100%'],
      from: 140,
      to: 140,
      precision: 0.9,
    }
    const found = await findRateOf(
      url,
      async run => {
        const report = await load(server.url, run)
        // However busy this machine is.
        return { ...report, verdict: { ...report.verdict, generatorBound: false, reasons: [] } }
      },
      options,
    )
    t.equal(found.limit, 'server')
    // On a busy machine it is behind at lower rates, too.
    t.ok(found.rate > 0 && found.rate <= capacity, `${found.rate}`)
    const { report, reasons } = found.steps.find(({ rate }) => rate === 140)!
    // Of 280 in two seconds it has answered 200 at most, and the others later.
    t.equal(report.reach, 1)
    t.ok(report.rate.received <= capacity * 1.02, `${report.rate.received}`)
    t.match(reasons, [/^the server did not keep up: \d+ replies more than usual were under way at the end/])
  },
)

t.test('nothing holds, and the generator was the bottleneck twice: nothing can be said of the server', async t => {
  const bound = await findRateOf(url, loaded({ sendable: 0 }), { slo })
  t.match(bound, { rate: 0, limit: 'generator' })
  t.same(rates(bound.steps), [1000, 1000, 500, 500])
  const low = await findRateOf(url, loaded({ sendable: 500 }), { slo, precision: 0.5 })
  t.match(low, { rate: 500, limit: 'generator' }, 'one rate is not enough')
  const lowest = await findRateOf(url, loaded({ sendable: 0 }), { slo, from: 1 })
  t.match(lowest, { rate: 0, limit: 'generator' }, 'but where no rate is lower')
  t.same(rates(lowest.steps), [1, 1])
})

t.test('what only the generator has spoilt is tried once more, and the second time counts', async t => {
  const spoilt = { sendable: 0 }
  const failed = { most: 0 }
  const rows: [runs: object[], tried: number[], rate: number, limit: string, why: string][] = [
    [[spoilt, {}, {}], [1000, 1000, 2000], 2000, 'maximum', 'it holds'],
    [[spoilt, failed, {}, failed], [1000, 1000, 500, 707], 500, 'server', 'the server does not hold it'],
    [[{}, spoilt, spoilt, spoilt, spoilt], [1000, 2000, 2000, 1414, 1414], 1000, 'generator', 'spoilt again'],
    [[{}, failed, spoilt, failed], [1000, 2000, 1414, 1414], 1000, 'server', 'the last one says what ended the search'],
    [[failed, spoilt, {}, failed], [1000, 500, 500, 707], 500, 'server', 'what has held then ends nothing'],
    [[failed, {}, failed], [1000, 500, 707], 500, 'server', 'what the server did not hold is not tried again'],
  ]
  for (const [runs, tried, rate, limit, why] of rows) {
    let number = 0
    const { steps, ...found } = await findRateOf(url, options => loaded(runs[number++]!)(options), {
      slo,
      to: 2000,
      precision: 0.9,
    })
    t.same(rates(steps), tried, why)
    t.same(found, { rate, limit }, why)
  }
})

t.test('what held in spite of the generator did hold: it is late in what counts from the plan', async t => {
  const bound = { measured: true, generatorBound: true, reasons: ['too slow'] }
  const run = async (slo: string[], late: number, more: Partial<LoadReport> = {}) => {
    const { rate, limit, steps } = await findRateOf(
      url,
      async options => {
        const stages = { lateness: [late], rttFromSend: [1], connect: [1] }
        const report = madeReport({ seconds: [[1, 2]], options: { ...options, duration: undefined }, busy: 0, stages })
        return { ...report, verdict: bound, ...more }
      },
      { slo, from: 1, to: 1, serverPid: process.pid },
    )
    return [rate, limit, steps[0]!.reasons]
  }
  const held = [1, 'maximum', []]
  t.same(await run(['rtt.p99 < 10ms'], 5), held)
  t.same(await run(['lost <= 0'], 5), held)
  const spoilt = (...more: string[]) => [0, 'generator', [...more, 'too slow']]
  t.same(await run(['rtt.p99 < 10ms'], 5.1), spoilt(), 'half a per cent of a second')
  t.same(await run(['rtt.p99 < 1ms'], 1), spoilt('rtt.p99 < 1ms does not hold: it was 2 ms'))
  t.same(await run(['rttFromSend.p99 < 10ms'], 1), spoilt(), 'that has it not')
  const server = { cores: 1 }
  t.same(await run(['server.cores < 2'], 1, { server }), spoilt())
  t.same(await run(['rtt.p99 < 10ms'], 1, { backlog: { replies: 2, time: 500 } }), spoilt())
  const { counts } = madeReport({ seconds: [[1, 2]] })
  const missed = { counts: { ...counts, planned: 1000, missed: 6 } }
  t.same(await run(['rtt.p99 < 10ms', 'missed <= 9%'], 1, missed), spoilt())
  t.same(await run(['rtt.p99 < 10ms'], 1, { counts: { ...missed.counts, missed: 5 } }), held)
  const { settings } = madeReport({ seconds: [[1, 2]], options: { rate: 1, arrival: 'poisson' } })
  t.same(await run(['rtt.p99 < 10ms'], 1, { settings }), spoilt(), 'bursts that are late are none')
  const late = madeReport({ seconds: [[1, 2]], stages: { lateness: [6] } })
  const classes = { uploads: { counts: late.counts, times: late.times } } as unknown as LoadReport['classes']
  t.same(await run(['rtt.p99 < 10ms'], 1, { classes }), spoilt(), 'others hide nobody')
})

t.test('the server that was watched has ended: the search is over', async t => {
  const server = { cores: 1 }
  const ends = (options: LoadOptions) => {
    const report = madeReport({ seconds: [[1, 2]], options: { ...options, duration: undefined }, busy: 0 })
    return Promise.resolve({ ...report, server: options.rate === 2000 ? { ...server, endedAfter: 0.5 } : server })
  }
  const found = await findRateOf(url, ends, { slo })
  t.match(found, { rate: 1000, limit: 'unreachable', steps: [{}, { holds: false, reasons: ['the server has ended'] }] })
  t.equal(found.steps.length, 2)
})

t.test(
  'what no generator makes of a server is the fault of the server, also where the generator was the bottleneck',
  async t => {
    const faulty = (counts: Partial<LoadReport['counts']>) => async (options: LoadOptions) => {
      const report = await loaded({ sendable: 0 })(options)
      return { ...report, counts: { ...report.counts, ...counts } }
    }
    const rows: [counts: Partial<LoadReport['counts']>, slo: string[], limit: string][] = [
      [{ wrong: 2 }, [], 'server'],
      [{ failed: 2 }, [], 'server'],
      [{ wrong: 2, failed: 2 }, ['wrong <= 2', 'failed <= 50%'], 'generator'],
      [{ lost: 2 }, [], 'generator'],
    ]
    for (const [counts, more, limit] of rows) {
      const found = await findRateOf(url, faulty(counts), { slo: ['rtt.p50 < 10ms', ...more], from: 8 })
      t.match(found, { rate: 0, limit }, JSON.stringify(counts))
      t.same(rates(found.steps), limit === 'server' ? [8, 4, 2, 1] : [8, 8, 4, 4])
    }
  },
)

t.test('what ends a search is what is nearest above the rate that holds', async t => {
  const found = await findRateOf(url, loaded({ most: 1500, sendable: 3000 }), { slo, from: 2000, precision: 0.9 })
  t.match(found, { rate: 1414.213562373095, limit: 'server' })
  const both = await findRateOf(url, loaded({ most: 1500, sendable: 3000 }), { slo, from: 1000, precision: 0.5 })
  t.equal(both.limit, 'server')
})

t.test('nobody can be reached, or no more: the search is over', async t => {
  const report = madeReport({ seconds: [[1]], opened: 0 })
  const nobody = await findRateOf(url, async () => report, { slo })
  t.match(nobody, { rate: 0, limit: 'unreachable', steps: [{ reasons: ['not one connection could be opened'] }] })
  let runs = 0
  const dies = await findRateOf(
    url,
    async (): Promise<LoadReport> => {
      const opened = runs++ === 0 ? 2 : 0
      return { ...madeReport({ seconds: [[1]], opened }), interrupted: true, interruptedBy: 'disconnected' }
    },
    { slo },
  )
  t.match(dies, { rate: 0, limit: 'unreachable', steps: [{ reasons: ['all connections were lost'] }, {}] })
})

t.test('a server, and an end before time', async t => {
  const server = await serve(t, echo)
  const run = { connections: 1, duration: 50, warmUp: 0, from: 20, to: 20 }
  const found = await findRate(server.url, { ...run, slo: ['rtt.count < 0'] })
  t.equal(found.steps[0]!.report.counts.received, 1)
  t.equal(found.rate, 0)
  const interrupted = await findRate(server.url, { ...run, slo, signal: AbortSignal.abort() })
  t.match(interrupted, { rate: 0, limit: 'interrupted', steps: [] })
})

t.test('options that cannot be', async t => {
  const rows: [object, RegExp][] = [
    [{}, /^`slo` is a list of conditions, at least one/],
    [{ slo: [] }, /^`slo` is a list/],
    [{ slo, rate: 5000 }, /^options has no option 'rate'/],
    [{ slo, failIf: ['lost > 0'] }, /^options has no option 'failIf'/],
    [{ slo, samples: {} }, /^options has no option 'samples'/],
    [{ slo, onStep: 1 }, /^onStep is a function/],
    [{ slo: ['rtt'] }, /^`slo` "rtt": it is no condition such as/],
    [{ slo: ['tls.p99 < 1s'] }, /^`slo` "tls\.p99 < 1s": this load never measures tls/],
    [{ slo: ['lost <= 0'], from: 0 }, /^`from` and `to` are rates/],
    [{ slo: ['lost <= 0'], to: 10_000_001 }, /^`from` and `to` are rates from 1 to 10000000, the lower one first$/],
    [{ slo: ['lost <= 0'], from: 2, to: 1 }, /^`from` and `to` are rates/],
    [{ slo: ['lost <= 0'], precision: 0 }, /^`precision` is a share/],
    [{ slo: ['lost <= 0'], connections: 0 }, /connections is a whole number/],
  ]
  for (const [options, message] of rows) {
    await t.rejects(findRate(url, options as FindRateOptions), { code: 'WS_INVALID_OPTION', message })
  }
  const none = undefined as unknown as FindRateOptions
  await t.rejects(findRate(url, none), { code: 'WS_INVALID_OPTION', message: 'options is an object' })
})
