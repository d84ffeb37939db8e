/**
 * Looks at the command in one file as those see it who copy it to a machine: `npm run check:single`. Makes
 * build/single/framewright and, of the node that runs this, the executable; copies each into an empty folder and has it run
 * every command there: the script with that node, the executable with an empty PATH. Goes on after a failure; exits 1 when there
 * was one. `--node PATH` tries the executable of another node of this machine.
 */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { look } from './look.mjs'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const made = name => join(root, 'src/cli/single-file', name)
const { values } = parseArgs({ options: { node: { type: 'string', default: process.execPath } } })

/** A line that says where something listens. */
const listening = /listening on (wss?:\/\/127\.0\.0\.1:\d+)/

/** The command under test: runs in an empty folder, with an environment that has nothing to offer. */
class Command {
  #program
  #arguments
  #environment

  constructor(program, parameters, environment) {
    this.#program = program
    this.#arguments = parameters
    this.#environment = environment
  }

  /** Runs it to its end, in `folder`; resolves with what it has printed. */
  async run(folder, input, ...parameters) {
    const child = this.#spawn(folder, parameters)
    child.stdin.end(input)
    const [printed, status] = await ended(child)
    assert.equal(status, 0, `framewright ${parameters.join(' ')}: ${printed}`)
    return printed
  }

  /** Starts it; resolves with where it listens, and what ends it well and resolves with what it has printed. */
  async listen(folder, ...parameters) {
    const child = this.#spawn(folder, parameters)
    const done = ended(child)
    let printed = ''
    const url = await new Promise((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', text => {
          printed += text
          const found = listening.exec(printed)?.[1]
          if (found !== undefined) resolve(found)
        })
      }
      child.on('close', status => reject(new Error(`it ended with ${status}: ${printed}`)))
    })
    const stop = async signal => {
      if (signal !== undefined) child.kill(signal)
      const [printed, status] = await done
      assert.equal(status, 0, printed)
      return printed
    }
    return { url, stop }
  }

  #spawn(folder, parameters) {
    const environment = { ...this.#environment, NO_COLOR: '1' }
    return spawn(this.#program, [...this.#arguments, ...parameters], { cwd: folder, env: environment })
  }
}

async function ended(child) {
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => {
      printed += text
    })
  }
  const [status] = await once(child, 'close')
  return [printed, status]
}

/** All that the command does, each thing with the files that it has of the package. */
const uses = {
  version: async (command, folder) => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    assert.equal(await command.run(folder, '', '--version'), `${version}\n`)
    assert.match(await command.run(folder, '', 'conform', 'list'), /\d{4} cases, \d{3} requirements\n$/)
  },
  'echo, its page, connect': async (command, folder) => {
    const { url, stop } = await command.listen(folder, 'echo', '--port', '0', '--tls-self-signed')
    try {
      const page = await new Promise((resolve, reject) => {
        get(url.replace('wss', 'https'), { rejectUnauthorized: false, agent: false }, async response => {
          resolve((await response.toArray()).join(''))
        }).on('error', reject)
      })
      assert.match(page, /<script>[\s\S]+<\/script>/)
      assert.equal(await command.run(folder, 'Hello\n', 'connect', url, '--tls-insecure'), 'Hello\n')
    } finally {
      await stop('SIGINT')
    }
  },
  'conform server and proxy': async (command, folder) => {
    const some = ['--case', '6455/5.5.2/*', '--profile', 'core', '--html']
    const server = await command.listen(folder, 'echo', '--port', '0')
    assert.match(await command.run(folder, '', 'conform', 'server', server.url, ...some, 'html'), /^PASS \d+/m)
    await server.stop('SIGINT')
    assert.match(await readFile(join(folder, 'html/index.html'), 'utf8'), /6455\/5\.5\.2\/[\s\S]+<script>[\s\S]{1000}/)
    const { proxy, port, behind } = await throughProxy()
    const through = ['conform', 'proxy', `ws://127.0.0.1:${port}`, '--port', String(behind)]
    assert.match(await command.run(folder, '', ...through, ...some, 'html'), /^PASS \d+/m)
    proxy.close()
  },
  'conform client, testee': async (command, folder) => {
    const { url, stop } = await command.listen(folder, 'conform', 'client', '--port', '0', '--case', '6455/5.5.2/*')
    assert.match(await command.run(folder, '', 'testee', url), /^\d+ cases\n$/)
    assert.match(await stop(), /^PASS \d+/m)
  },
  'load in two threads, its page, a scenario': async (command, folder) => {
    const server = await command.listen(folder, 'echo', '--port', '0')
    try {
      const options = ['--threads', '2', '--duration', '200ms', '--warm-up', '0s', '--html', 'load.html']
      await command.run(folder, '', 'load', server.url, '--connections', '2', '--rate', '100', ...options)
      assert.match(await readFile(join(folder, 'load.html'), 'utf8'), /"threads":2[\s\S]+<script>[\s\S]{1000}/)
      const users = { connections: 1, steps: [{ send: 'hello' }, { receive: {} }] }
      const phases = [{ duration: '200ms', rate: 50 }]
      const scenario = { url: server.url, phases, classes: { users }, threads: 1, warmUp: '0s' }
      await writeFile(join(folder, 'scenario.mjs'), `export default ${JSON.stringify(scenario)}`)
      await command.run(folder, '', 'load', 'scenario.mjs')
    } finally {
      await server.stop('SIGINT')
    }
  },
}

/** A proxy that passes what it gets to a port that is free now. */
async function throughProxy() {
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const behind = free.address().port
  free.close()
  const proxy = createServer({ allowHalfOpen: true }, socket => {
    const far = connect({ port: behind, host: '127.0.0.1', allowHalfOpen: true })
    for (const [one, other] of [
      [socket, far],
      [far, socket],
    ]) {
      one.on('error', () => other.destroy()).pipe(other)
    }
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return { proxy, port: proxy.address().port, behind }
}

const folder = await mkdtemp(join(tmpdir(), 'single-'))
const script = join(folder, 'framewright')
const executable = join(folder, 'executable')
await run(process.execPath, [made('bundle.mjs')])
await copyFile(join(root, 'build/single/framewright'), script)
await run(process.execPath, [made('executable.mjs'), '--node', values.node, '--output', executable])
const commands = {
  script: new Command(values.node, [script], {}),
  executable: new Command(executable, [], { PATH: '' }),
}
const checks = Object.entries(commands).map(async ([name, command]) => {
  for (const [what, use] of Object.entries(uses)) {
    const empty = await mkdtemp(join(folder, 'empty-'))
    await look(`${name}: ${what}`, () => use(command, empty))
  }
})
await Promise.all(checks)
await rm(folder, { recursive: true })
