/** The clients that docs/conformance.md gives as texts: as they stand there they go through the loop. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { run } from '../cli/conform-runs.js'
import { FakeTerminal } from '../cli/fake-terminal.js'
import { type Installable, testWith } from '../peers/installable.js'
import * as programs from '../peers/programs.js'

const docs = readFileSync('docs/conformance.md', 'utf8')

const texts: [language: string, needs: readonly Installable[], file: string, program: string][] = [
  ['python', [programs.pythonWebsockets], 'testee.py', programs.pythonPath],
  ['js', [programs.node22], 'testee.mjs', programs.node22Path],
]

for (const [language, needs, file, program] of texts) {
  void testWith(t, needs, `the text in ${language}`, async t => {
    const [, text = ''] = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(docs) ?? []
    const terminal = new FakeTerminal()
    const judged = run(['conform', 'client', '--port', '0', '--case', '6455/5.4', '--not', '*@*'], terminal)
    const [, url] = await terminal.stderr.until(/listening on (ws:\/\/127.0.0.1:\d+)/)
    const path = join(t.testdir(), file)
    writeFileSync(path, text.replace('ws://127.0.0.1:9002', url!))
    const child = spawn(program, [path, url!], { stdio: 'ignore' })
    t.teardown(() => child.kill())
    t.same(await once(child, 'exit'), [0, null])
    const { code, stdout } = await judged
    t.equal(code, 0)
    t.match(stdout, /: client me in /)
  })
}
