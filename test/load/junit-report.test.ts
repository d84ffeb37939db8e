/** JUnit XML of a load. */
import t from 'tap'
import { junitReport } from '../../src/load/junit-report.js'
import { madeReport } from './made-report.js'

t.test('a test for each condition, and for the generator', async t => {
  const failIf = ['rtt.p50 > 1ms', 'lost > 0', 'ping.max > 1s']
  const report = madeReport({ seconds: [[2, 2]], options: { failIf }, busy: 0.99 })
  const xml = await junitReport(report, { strict: true })
  t.match(xml, /<testsuite name="load ws:\/\/127\.0\.0\.1:1\/" .*tests="5" .*failures="3"/)
  t.match(xml, /<testcase name="the server was reached" .*\/>/)
  t.match(
    xml,
    /<testcase name="the generator kept up" .*failure="generator-bound, do not trust these figures: 1 of 1 threads had/,
  )
  t.match(xml, /<testcase name="not rtt\.p50 > 1ms" .*failure="it was 2 ms"/)
  t.match(xml, />\s*it was 2 ms\s*<\/failure>/, 'nothing of Node in it')
  t.match(xml, /<testcase name="not lost > 0" .*>\s*<system-out>it was 0<\/system-out>\s*<\/testcase>/)
  t.match(xml, /<testcase name="not ping\.max > 1s" .*failure="it was never measured"/)
  t.notMatch(xml, /junit-report\.(js|ts)|ERR_|stack/)
  const lenient = await junitReport(report)
  t.match(lenient, /failures="2" .*skipped="1"/, 'as the exit code has it')
  t.match(lenient, /<skipped type="\w+" message="generator-bound, do not trust these figures: 1 of 1 threads had/)
})

t.test('of a server that was restarted', async t => {
  const options = { failIf: ['server.cores > 1'], serverPid: process.pid }
  const xml = await junitReport(madeReport({ seconds: [[2]], options, server: { cores: 2, restarts: 1 } }))
  t.match(xml, /failure="it was 2, and the server was restarted meanwhile"/)
  const held = await junitReport(madeReport({ seconds: [[2]], options, server: { cores: 0.5, restarts: 1 } }))
  t.match(held, /<system-out>it was 0\.5, and the server was restarted meanwhile<\/system-out>/)
  t.match(held, /tests="3" .*failures="0" skipped="0"/)
})

t.test('of a run that a condition ended: that one fails, and what could not be judged is skipped', async t => {
  const failIf = ['rtt.p50 > 1ms', 'received < 100', 'lost > 0']
  const fallen = new Map([['rtt.p50 > 1ms', 3]])
  const xml = await junitReport(madeReport({ seconds: [[0.5]], options: { failIf }, fallen }))
  t.match(xml, /tests="5" .*failures="1" .*skipped="1"/)
  t.match(xml, /failure="it was 3 ms, and ended the run"/)
  t.match(xml, /<skipped type="\w+" message="not judged: the run was cut short; it was 1"/)
})

t.test('all is well; nobody was reached', async t => {
  const fine = await junitReport(madeReport({ seconds: [[1]] }))
  t.match(fine, /tests="2" .*failures="0"/)
  const report = madeReport({ seconds: [] })
  const none = await junitReport({ ...report, counts: { ...report.counts, opened: 0, failed: 7 } })
  t.match(none, /failure="none of 7 connections could be opened"/)
  const unmeasured = madeReport({ seconds: [], opened: 0 })
  for (const strict of [false, true]) {
    const xml = await junitReport(unmeasured, { strict })
    t.match(xml, /name="the generator kept up".*\n\s*<skipped type="\w+" message="nothing was measured"/)
  }
  const lost = await junitReport({ ...madeReport({ seconds: [[1]] }), interruptedBy: 'disconnected' })
  t.match(lost, /failure="ended before its time: not one connection was open, and none was to come"/)
})
