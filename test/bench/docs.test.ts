/** npm run bench:docs: measures as briefly as it can, and writes tables and a chart where they belong. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { replaceSection } from '../../bench/docs/section.js'
import type { AcceptedRatios } from '../../bench/gate/ratios.js'
import { canReadUsage } from '../../bench/generator/process-usage.js'
import { installCommand } from '../../bench/load-ws.js'
import { packageVersion } from '../../bench/servers/peer.js'
import { testWith } from '../peers/installable.js'
import { benchCommand } from './bench-command.js'

const proc = { name: 'the /proc of Linux', installed: () => canReadUsage, install: 'Linux' }
const echarts = { name: 'echarts', installed: () => packageVersion('echarts') !== undefined, install: installCommand }
const page = readFileSync(new URL('../../../docs/performance.md', import.meta.url), 'utf8')

t.test('a section is replaced, and nothing else', async t => {
  const part = (content: string) => `<!-- parts: written by npm run bench:docs -->\n${content}<!-- end of parts -->\n`
  const text = (content: string) => `before\n${part(content)}after\n`
  t.equal(replaceSection(text('old\n'), 'parts', '| new |'), text('\n| new |\n\n'))
  t.equal(replaceSection(text('\n| new |\n\n'), 'parts', '| new |\n'), text('\n| new |\n\n'))
  t.throws(() => replaceSection(text(''), 'scale', ''), { message: 'there is no part called scale' })
})

const bench = benchCommand('docs/main.js')

t.test('the command line', async t => {
  t.match(bench('--help'), { status: 0, stdout: /Exit codes: 0 / })
  for (const args of [['no'], ['--no']]) t.match(bench(...args), { status: 2, stderr: /^bench:docs: .+\n$/ })
})

await testWith(t, [proc, echarts], 'all sections and the chart', async t => {
  const folder = t.testdir({ 'performance.md': page })
  const { status, stderr } = bench('--brief', '--folder', folder)
  t.equal(status, 0, stderr)
  const written = readFileSync(join(folder, 'performance.md'), 'utf8')
  for (const line of [
    /\nMeasured on \d{4}-\d\d-\d\d on .+, \d+ cores, \d+ GiB, linux .+; Node [\d.]+, ws 8\.23\.0\. Medians of 1 rounds? of 0\.02 s\.\n/,
    /\n\| {2}\| framewright \| ws \|\n\| --- \| --: \| --: \|\n\| 64c 20 B p16 \| [\d.]+( †)? \| 1\.00( †)? \|\n/,
    /\n\| deflate 64c 149 B p16, windows kept \| [\d.]+( †)? \| [\d.]+( †)? \| 1\.00( †)? \|\n/,
    /\n\| binary, 20 octets, 16 a chunk \| [\d.,]+ ns \([\d.]+\) \|/,
    /\n\| octets in a message \| µs a message \| ns an octet \| against the cheapest before \|\n/,
    /\n(held {4}|NOT HELD) {2}CPU of 10 open connections, idle: /,
  ]) {
    t.match(written, line)
  }
  t.match(readFileSync(join(folder, 'performance.svg'), 'utf8'), /^<svg /)
  const { ratios } = JSON.parse(readFileSync(join(folder, 'ratios.json'), 'utf8')) as AcceptedRatios
  t.match(ratios, { framewright: { '64c 20 B p16': Number, 'deflate 64c 149 B p16, windows kept': Number } })
  t.notOk('deflate-floor' in ratios, 'only ours are compared')
  // Headings and prose stay as they are.
  t.same(written.match(/^## .+$/gm), page.match(/^## .+$/gm))
})
