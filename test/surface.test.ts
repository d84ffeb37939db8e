/**
 * The surface of the package: every source file loads (so that one that no test imports counts as uncovered), and the
 * entries give the same objects to `require()` as to `import`.
 */
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import t from 'tap'

const root = new URL('../../', import.meta.url)

t.test('every source file loads', async t => {
  const sources = new URL('src/', root)
  const paths = (await readdir(sources, { recursive: true })).filter(path => path.endsWith('.ts')).sort()
  for (const path of paths) {
    const module = (await import(new URL(`build/src/${path.replace(/\.ts$/, '.js')}`, root).href)) as object
    t.type(module, 'object', path)
  }
  t.not(paths.length, 0)
})

t.test('require() and import see the same objects', async t => {
  const require = createRequire(import.meta.url)
  const { name, exports } = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as {
    name: string
    exports: Record<string, unknown>
  }
  for (const entry of Object.keys(exports).filter(entry => entry !== './package.json')) {
    const specifier = name + entry.slice(1)
    const required = require(specifier) as Record<string, unknown>
    const imported = (await import(specifier)) as Record<string, unknown>
    const names = Object.keys(imported)
    t.same(
      Object.keys(required).filter(key => key !== '__esModule'),
      names,
      specifier,
    )
    for (const key of names) t.equal(required[key], imported[key], `${specifier}: ${key}`)
    t.not(names.length, 0)
  }
})
