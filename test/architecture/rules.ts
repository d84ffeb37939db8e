/**
 * The rules of the house as functions from one source file to the complaints about it. Each complaint names file, line
 * and rule, so that the message of a failing test is enough to mend it.
 */
import { posix } from 'node:path'
import {
  bundledPackages,
  extraModules,
  isEntry,
  type LayerRule,
  layerOf,
  layers,
  reachableFrom,
  socketModules,
} from './layers.js'
import type { Mention, SourceFile } from './source-file.js'

/** A rule: the complaints about one file, none when it obeys. */
export type Rule = (file: SourceFile) => string[]

const maxLines = 400

/** Names for files that say nothing of what is in them. */
const emptyNames = /^(utils?|utilities|helpers?|common|misc|shared|types?|constants?)$/

/** Globals that bring time, chance or the outside world in. */
const worldly = new Set(
  `Date performance process console global globalThis setTimeout setInterval setImmediate clearTimeout clearInterval
  clearImmediate queueMicrotask MessageChannel BroadcastChannel fetch WebSocket EventSource Worker require eval Function
  crypto Math.random AbortSignal.timeout import.meta`.split(/\s+/),
)

const timers = new Set(['setTimeout', 'setInterval', 'setImmediate', 'AbortSignal.timeout'])

/** Every file lies in a layer and has a name that says what is in it. */
export const places: Rule = file => {
  const parts = file.path.replace(/\.ts$/, '').split('/')
  const vague = parts.filter(part => emptyNames.test(part)).map(part => `${file.path}: "${part}" names nothing`)
  return layerOf(file.path) === undefined ? [...vague, `${file.path}: in no layer of the house`] : vague
}

/** Imports between the files of `src/` follow the arrows. */
export const arrows: Rule = file => {
  const layer = layerOf(file.path)
  if (layer === undefined) return []
  const rule: LayerRule = layers[layer]
  const reachable = reachableFrom(layer)
  return file.imports.flatMap(mention => {
    const target = targetOf(file.path, mention.name)
    if (target === undefined || rule.files?.includes(target)) return []
    const to = layerOf(target)
    if (to !== undefined && !isEntry(target) && reachable.has(to)) return []
    return [at(file, mention, `${layer} may not import ${target}`)]
  })
}

/** Node modules and packages are imported only where the layer allows it. */
export const modules: Rule = file => {
  const layer = layerOf(file.path)
  if (layer === undefined) return []
  const rule: LayerRule = layers[layer]
  const allowed = (name: string) => {
    if (extraModules[file.path]?.includes(name)) return true
    return rule.modules === 'free' ? !socketModules.includes(name) : rule.modules.includes(name)
  }
  return file.imports.flatMap(mention => {
    if (targetOf(file.path, mention.name) !== undefined || bundledPackages[file.path]?.includes(mention.name)) return []
    if (mention.name.startsWith('node:') && allowed(mention.name.slice('node:'.length))) return []
    return [at(file, mention, `${layer} may not import ${mention.name}`)]
  })
}

/** No clock, timer, console, process or chance below the transport; no timers in the faces; no console but in the tool. */
export const globals: Rule = file => {
  const layer = layerOf(file.path)
  if (layer === undefined) return []
  const forbidden = (name: string) => {
    if (layers[layer].pure) return worldly.has(name)
    return (name === 'console' && layer !== 'cli') || (layer === 'api' && timers.has(name))
  }
  return file.names
    .filter(({ name }) => forbidden(name))
    .map(name => at(file, name, `${layer} may not use ${name.name}`))
}

/** No file above 400 lines. */
export const length: Rule = file =>
  file.lines > maxLines ? [`${file.path}: ${file.lines} lines, more than ${maxLines}`] : []

/** No default exports. */
export const namedExports: Rule = file => file.defaultExports.map(mention => at(file, mention, 'a default export'))

/** No top-level await: it breaks `require()` of the package. */
export const synchronous: Rule = file => file.topLevelAwaits.map(mention => at(file, mention, 'await at the top level'))

/** An entry of the package re-exports and does nothing else; no other file is a barrel. */
export const barrels: Rule = file => {
  if (isEntry(file.path)) return file.ownStatements > 0 ? [`${file.path}: an entry only re-exports`] : []
  const stars = file.reExports.filter(({ name }) => name === '*').map(mention => at(file, mention, 'a star export'))
  return file.reExports.length > 0 && file.ownStatements === 0 ? [...stars, `${file.path}: a barrel`] : stars
}

/** All rules by name. */
export const rules: Readonly<Record<string, Rule>> = {
  places,
  arrows,
  modules,
  globals,
  length,
  namedExports,
  synchronous,
  barrels,
}

/** The file below `src/` that a relative import means; undefined for a package or a Node module. */
function targetOf(from: string, specifier: string): string | undefined {
  if (!/^\.{1,2}\//.test(specifier)) return undefined
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts')
}

function at(file: SourceFile, mention: Mention, complaint: string): string {
  return `${file.path}:${mention.line}: ${complaint}`
}
