/**
 * `npm run build:single`: the whole command as one file that can be copied around, `build/single/framewright`. It needs a Node
 * and nothing else; what the command reads from its package (pages, their scripts, the code of threads) is within it. It is a
 * CommonJS script, for that is what Node takes a file without an extension for, and what a single executable application of
 * Node 20 can hold. Run it after `npm run build`, of whose files it is made.
 */
import { chmod, copyFile, mkdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '../../..')
const folder = join(root, 'build/single')

const packaged = [
  'package.json',
  'src/cli/page/echo.html',
  'src/cli/page/report.html',
  'build/src/cli/page/report.js',
  'src/load/page/report.html',
  'build/src/load/page/plots.js',
]

/** Both for the command and for a thread; it is made of what `npm run build` has minified already. */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true, // names stay as they are: they stand in the stacks of errors
  legalComments: 'none',
  logLevel: 'warning',
}

/** Puts modules in the place of those that look for files. */
function within(modules) {
  return {
    name: 'within',
    setup({ onLoad }) {
      const filter = /[\\/]build[\\/]src[\\/]load[\\/](package-file|load-thread)\.js$/
      onLoad({ filter }, ({ path }) => ({ contents: modules[/([a-z-]+)\.js$/.exec(path)[1]], loader: 'js' }))
    },
  }
}

async function packageFile() {
  const texts = await Promise.all(packaged.map(async path => [path, await readFile(join(root, path), 'utf8')]))
  return `const files = ${JSON.stringify(Object.fromEntries(texts))}
export function packageFile(path) { return Buffer.from(files[path]) }`
}

async function loadThread() {
  const { outputFiles } = await build({ ...common, entryPoints: ['build/src/load/worker.js'], write: false })
  return `import { Worker } from 'node:worker_threads'
const code = ${JSON.stringify(outputFiles[0].text)}
export function loadThread() { return new Worker(code, { eval: true, execArgv: [] }) }`
}

await mkdir(folder, { recursive: true })
const outfile = join(folder, 'framewright')
await build({
  ...common,
  entryPoints: ['build/src/cli/main.js'],
  outfile,
  define: { 'import.meta.filename': '__filename' },
  plugins: [within({ 'package-file': await packageFile(), 'load-thread': await loadThread() })],
})
await chmod(outfile, 0o755)
for (const licences of ['LICENSE', 'build/src/cli/BUNDLED-LICENSES.txt']) {
  await copyFile(join(root, licences), join(folder, basename(licences)))
}
console.log(
  `build/single/framewright: ${Math.round((await stat(outfile)).size / 1024)} KiB, for any Node from 20.19 on`,
)
