/**
 * Part of `npm run build`: puts the packages that the tools use into their own files, for framewright has no runtime
 * dependencies, and their licences beside the command; and makes the command executable. Run it after tsc; what tsc has written
 * for these files works too, as long as the packages are installed.
 */
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

process.chdir(join(import.meta.dirname, '../..'))

const { metafile: tools } = await build({
  entryPoints: [
    'src/cli/self-signed-certificate.ts',
    'src/load/export/write-request.ts',
    'src/load/histogram.ts',
    'src/load/random.ts',
    'src/load/scenario/parse-document.ts',
  ],
  outbase: '.',
  outdir: 'build',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  alias: { yaml: './node_modules/yaml/browser/index.js' }, // its ES modules; what it gives Node is CommonJS
  mainFields: ['module', 'main'], // the ES modules, which can be shaken: two thirds of the size
  minify: true,
  keepNames: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
})

// What browsers draw the report of a load with: one script, with its style in it.
const { metafile: page } = await build({
  entryPoints: ['src/load/page/plots.mjs'],
  outfile: 'build/src/load/page/plots.js',
  bundle: true,
  platform: 'browser',
  target: 'es2022',
  format: 'iife',
  loader: { '.css': 'text' },
  minify: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
})

// And what draws the report of the conformance suite.
const { metafile: conformance } = await build({
  entryPoints: ['src/cli/page/report.mjs'],
  outdir: 'build/src/cli/page',
  bundle: true,
  platform: 'browser',
  target: 'es2022',
  format: 'iife',
  minify: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
})

const folders = new Set()
for (const input of [tools, page, conformance].flatMap(({ inputs }) => Object.keys(inputs))) {
  const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]
  if (folder !== undefined) folders.add(folder)
}
const parts = []
for (const folder of [...folders].sort()) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const file = (await readdir(folder)).find(name => /^licen[cs]e/i.test(name))
  if (file === undefined) throw new Error(`${folder} has no licence`)
  parts.push(`${name} ${version} (${license})\n\n${(await readFile(join(folder, file), 'utf8')).trim()}\n`)
}
const head = 'The packages that are bundled into files of framewright, with their licences.\n'
await writeFile('build/src/cli/BUNDLED-LICENSES.txt', [head, ...parts].join(`\n${'-'.repeat(80)}\n\n`))

await chmod('build/src/cli/main.js', 0o755)
