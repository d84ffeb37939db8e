/**
 * The conformance suite put to other people's servers and clients: their verdicts are as the baselines in
 * test/conformance/baselines have them, each of which docs/conformance.md explains. What fails here and is not known is a
 * case that is too strict, or a fault of theirs to be written down; what passes and should not, a case gone blind. With
 * FRAMEWRIGHT_WRITE_TABLE=1 (`npm run conformance:docs`) it writes the table there anew.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { newChromiumPage } from '../peers/chromium.js'
import { testWith } from '../peers/installable.js'
import { judgedPeers } from '../peers/judged-peers.js'
import { rowOf, withTable } from '../peers/judged-table.js'

const docs = 'docs/conformance.md'
const rows: string[] = []

/** All that may be said beside the report. */
const told = { server: /^$/, client: /^[^\n]*listening on [^\n]*\n$/, 'client, ordered': /^$/ }

for (const peer of judgedPeers) {
  void testWith(t, peer.needs, `${peer.title}, ${peer.side}`, async t => {
    const { name, side, not, judge } = peer
    const json = join(t.testdir(), 'report.json')
    const baseline = ['--profile', 'core', '--baseline', `test/conformance/baselines/${name}.json`, '--json', json]
    const options = [...baseline, ...not.flatMap(pattern => ['--not', pattern])]
    const first = await judge(options, newChromiumPage)
    // A peer that had no core for as long as the suite is patient is judged once more; what it does wrong it does again.
    const { code, stderr } = first.code === 0 ? first : await judge(options, newChromiumPage)
    t.match(stderr, told[side])
    t.equal(code, 0)
    rows.push(rowOf(peer, readFileSync(json, 'utf8')))
  })
}

void t.test('the table of docs/conformance.md can be written anew', async t => {
  const text = readFileSync(docs, 'utf8')
  const written = withTable(text, rows)
  t.equal(withTable(written, rows), written)
  t.equal(written.split('\n## ').length, text.split('\n## ').length)
  if (process.env['FRAMEWRIGHT_WRITE_TABLE'] === '1') writeFileSync(docs, written)
})
