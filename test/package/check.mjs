/**
 * Looks at the package as those see it who install it: `npm run check:package`. Packs it, installs the tarball in an empty
 * project (framewright needs nothing, so no registry is asked), compiles programs against its declarations with every
 * check that a strict project has, runs them, and runs the command. Goes on after a failure; exits 1 when there was one.
 */
import { execFile, spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { look } from './look.mjs'

const root = join(import.meta.dirname, '../..')
const folder = await mkdtemp(join(tmpdir(), 'package-'))
const installed = join(folder, 'node_modules/framewright')
const bin = name => join(root, 'node_modules/.bin', name)
const run = promisify(execFile)

const strict = { target: 'es2023', strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false }
const nodenext = { ...strict, module: 'nodenext' }
const bundler = { ...strict, module: 'esnext', moduleResolution: 'bundler', noEmit: true }
const withoutDom = { lib: ['es2023'] }

/**
 * The declarations of Node that the package is compiled with, and the newest. Without `types`: whoever imports the package
 * gets them by it. Without `lib`: those of browsers are there too.
 */
const oldNode = '@types/node'
const newNode = 'types-node-26'
const projects = [
  { name: 'nodenext', node: oldNode, options: { ...nodenext, ...withoutDom } },
  { name: 'nodenext with DOM', node: newNode, options: { ...nodenext, noEmit: true } },
  { name: 'bundler', node: newNode, options: { ...bundler, ...withoutDom } },
  { name: 'bundler with DOM', node: oldNode, options: bundler },
]

async function compile({ node, options }) {
  await rm(join(folder, 'node_modules/@types'), { recursive: true, force: true })
  await mkdir(join(folder, 'node_modules/@types'))
  await symlink(join(root, 'node_modules', node), join(folder, 'node_modules/@types/node'))
  const files = options.module === 'nodenext' ? ['types.ts', 'echo.ts', 'echo.cts'] : ['types.ts', 'echo.ts']
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files }))
  await run(bin('tsc'), ['-p', '.'], { cwd: folder })
}

/** The first line names an address that answers with the page, and Ctrl-C ends it well. */
async function command() {
  const program = join(folder, 'node_modules/.bin/framewright')
  const child = spawn(program, ['echo', '--port', '0', '--tls-self-signed'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise(resolve => child.on('close', resolve))
  const line = await Promise.race([
    new Promise(resolve => createInterface(child.stdout).once('line', resolve)),
    ended.then(status => `(exit status ${status})`),
  ])
  try {
    const url = /^listening on wss(:\/\/127\.0\.0\.1:\d+)$/.exec(line)?.[1]
    if (url === undefined) throw new Error(`the first line is: ${line}`)
    const status = await new Promise((resolve, reject) => {
      get(`https${url}`, { rejectUnauthorized: false, agent: false }, response => {
        response.resume()
        resolve(response.statusCode)
      }).on('error', reject)
    })
    if (status !== 200) throw new Error(`the page has status ${status}`)
  } finally {
    child.kill('SIGINT')
  }
  if ((await ended) !== 0) throw new Error('SIGINT does not end it with 0')
}

async function exists(path) {
  return await stat(path).then(
    () => true,
    () => false,
  )
}

/** What the texts link to and what the maps point to is there. */
async function references() {
  const missing = []
  for (const path of await readdir(installed, { recursive: true })) {
    const targets = /\.md$/.test(path) ? await links(path) : /\.map$/.test(path) ? await sources(path) : []
    for (const target of targets) {
      if (!(await exists(normalize(join(installed, dirname(path), target))))) missing.push(`${path}: ${target}`)
    }
  }
  if (missing.length > 0) throw new Error(`not in the package:\n${missing.join('\n')}`)
}

async function links(path) {
  const text = await readFile(join(installed, path), 'utf8')
  // Programs have brackets and parentheses of their own.
  const prose = text.replace(/^```.*?^```/gms, '')
  return [...prose.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) => target)
}

async function sources(path) {
  const map = JSON.parse(await readFile(join(installed, path), 'utf8'))
  return map.sources.filter((_, index) => typeof map.sourcesContent?.[index] !== 'string')
}

const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root })
const tarball = join(folder, stdout.trim().split('\n').at(-1))
await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: folder })
await cp(join(root, 'test/package/consumer'), folder, { recursive: true })

await look('publint', () => run(bin('publint'), ['run', tarball, '--strict']))
const only = ['--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm']
await look('are the types wrong', () => run(bin('attw'), [tarball, ...only]))
for (const project of projects) await look(`declarations, ${project.name}, ${project.node}`, () => compile(project))
await look('import', () => run(process.execPath, ['echo.js'], { cwd: folder }))
await look('require', () => run(process.execPath, ['echo.cjs'], { cwd: folder }))
await look('command', command)
await look('references', references)

await rm(folder, { recursive: true })
