/**
 * `npm run build:binary [-- --node PATH] [--output FILE]`: the command as an executable that needs nothing on its machine, by
 * Node's single executable applications: a copy of node with build/single/framewright in it. For the machine at hand, or for
 * another, given the node binary of that system and processor; then it has to be of the version that runs this, for what one
 * version of Node writes no other reads. Run it after `npm run build:single`.
 */
import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { inject } from 'postject'

const folder = join(import.meta.dirname, '../../../build/single')

/** What marks the place in node that says whether something was put into it: the same in every release. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/**
 * Compiles the script and calls it: as the main script itself it could import nothing from a file (a scenario) in newer
 * versions. There is no path of it in argv, but what was typed.
 */
const start = `const { compileFunction, constants } = require('node:vm')
const { execPath: path } = process
process.argv[1] = path
const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
const text = require('node:sea').getAsset('framewright', 'utf8')
compileFunction(text, ['require', 'module', '__filename'], { filename: path, importModuleDynamically })(require, {}, path)
`

const { values } = parseArgs({ options: { node: { type: 'string' }, output: { type: 'string' } } })
const node = values.node ?? process.execPath
const octets = await readFile(node)
const { system, processor } = machineOf(octets)
const version = /nodejs\.org\/download\/[a-z]+\/(v[\d.]+)/.exec(octets.toString('latin1'))?.[1]
if (version === undefined || !octets.includes(fuse)) throw new Error(`${node} is no release of node`)
const ours = system === process.platform && processor === process.arch
if (!ours && version !== process.version) {
  throw new Error(`${node} is ${version}, of another machine: run this by node ${version} too, not ${process.version}`)
}

const work = await mkdtemp(join(tmpdir(), 'framewright-'))
const config = join(work, 'sea.json')
const blob = join(work, 'blob')
const main = join(work, 'main.cjs')
await writeFile(main, start)
const assets = { framewright: join(folder, 'framewright') }
const settings = { main, assets, output: blob, disableExperimentalSEAWarning: true }
await writeFile(config, JSON.stringify(settings))
execFileSync(ours ? node : process.execPath, ['--experimental-sea-config', config], { stdio: ['ignore', 'ignore', 2] })
const output = values.output ?? join(folder, `framewright-${system}-${processor}`)
await rm(output, { force: true }) // not written over: one that runs could not be
await writeFile(output, octets)
await inject(output, 'NODE_SEA_BLOB', await readFile(blob), {
  sentinelFuse: fuse,
  ...(system === 'darwin' && { machoSegmentName: 'NODE_SEA' }),
})
await chmod(output, 0o755)
await rm(work, { recursive: true })
console.log(`${output}: framewright with Node ${version}, for ${system} on ${processor}`)
if (system === 'darwin') console.log(`macOS runs it once it is signed: codesign --force --sign - ${output}`)

/** ELF and Mach-O name the processor in their first octets. */
function machineOf(octets) {
  const magic = octets.readUInt32BE(0)
  const elf = { 62: 'x64', 183: 'arm64' }[octets.readUInt16LE(18)]
  const mach = { 16777223: 'x64', 16777228: 'arm64' }[octets.readUInt32LE(4)]
  if (magic === 0x7f454c46 && elf !== undefined) return { system: 'linux', processor: elf }
  if (magic === 0xcffaedfe && mach !== undefined) return { system: 'darwin', processor: mach }
  throw new Error(`${node} is no executable of Linux or macOS for x64 or arm64`)
}
