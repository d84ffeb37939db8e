/**
 * The rules of the house as functions from one source file to the complaints about it. Each complaint names file, line
 * and rule, so that the message of a failing test is enough to mend it.
 */
import { posix } from 'node:path'
import {
  bundledPackages,
  closedModules,
  extraModules,
  extraNames,
  isEntry,
  type Layer,
  type LayerRule,
  layerOf,
  layers,
  loaders,
  reachableFrom,
} from './layers.js'
import type { Mention, SourceFile } from './source-file.js'

/** A rule: the complaints about one file, none when it obeys. */
export type Rule = (file: SourceFile) => string[]

const maxLines = 400

/** Names for files that say nothing of what is in them. */
const emptyNames = /^(utils?|utilities|helpers?|common|misc|shared|types?|constants?)$/

/**
 * Names that a layer may not use. `Date`: with all its members; `Math.random`: that member, and the object by itself, for
 * whoever has it has the member; `.constructor`: that member of anything.
 */
type Bans = ReadonlySet<string>

function bans(names: string): Bans {
  return new Set(names.split(/\s+/))
}

/** Ways to code that no reader of the source sees, and round the imports. */
const unseen = bans(
  'eval Function WebAssembly .constructor require process.getBuiltinModule process.binding process.dlopen',
)

/** What Node has and cannot be relied upon: see handshake/parse-url.ts. */
const broken = bans('.canParse')

/** What brings time, chance, the machine or the outside world in. */
const worldly =
  bans(`globalThis global Date Temporal Intl performance PerformanceObserver setTimeout setInterval setImmediate clearTimeout
  clearInterval clearImmediate queueMicrotask Atomics SharedArrayBuffer AbortSignal.timeout
  Math.random crypto WeakRef FinalizationRegistry .toLocaleString .toLocaleDateString .toLocaleTimeString .localeCompare
  process console Event CustomEvent MessageEvent File Blob navigator localStorage sessionStorage MessageChannel BroadcastChannel Worker fetch WebSocket EventSource
  import.meta`)

/** Timers and connections, which are the transport's. */
const transports = bans(`setTimeout setInterval setImmediate Atomics.wait Atomics.waitAsync AbortSignal.timeout fetch
  EventSource Worker`)

/** The terminal and the process, which are the tools'. */
const tools = bans(`console process.stdin process.stdout process.stderr process.argv process.env process.exit
  process.exitCode process.abort process.kill process.on process.once process.chdir`)

/** Every file lies in a layer and has a name that says what is in it. */
export const places: Rule = ({ path }) => {
  const parts = path.replace(/\.ts$/, '').split('/')
  const vague = parts.filter(part => emptyNames.test(part)).map(part => `${path}: "${part}" names nothing`)
  return layerOf(path) === undefined ? [...vague, `${path}: in no layer of the house`] : vague
}

/** Whether the rules can judge a file: all do of TypeScript, but for declarations, which say what they like. */
export function isJudged(path: string): boolean {
  return path.endsWith('.ts') && !path.endsWith('.d.ts')
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
  const allowed = (name: string, typeOnly = false) => {
    if (extraModules[file.path]?.includes(name) || (typeOnly && rule.types?.includes(name))) return true
    return rule.modules === 'free' ? !closedModules.includes(name) : rule.modules.includes(name)
  }
  return file.imports.flatMap(mention => {
    if (mention.name === '<computed>' && loaders.includes(file.path)) return []
    if (targetOf(file.path, mention.name) !== undefined || bundledPackages[file.path]?.includes(mention.name)) return []
    if (mention.name.startsWith('node:') && allowed(mention.name.slice('node:'.length), mention.typeOnly)) return []
    return [at(file, mention, `${layer} may not import ${mention.name}`)]
  })
}

/**
 * No clock, timer, console, process or chance below the transport; no timers in the faces; no console and nothing of the
 * process but its queue and its warnings except in the tools; nowhere code that is made of text.
 */
export const globals: Rule = file => {
  const layer = layerOf(file.path)
  if (layer === undefined || isEntry(file.path)) return []
  const banned = [unseen, broken, ...bansOf(layer)]
  return file.names
    .filter(
      mention =>
        !extraNames[file.path]?.includes(mention.name.split('.')[0]!) && banned.some(names => breaks(names, mention)),
    )
    .map(mention => at(file, mention, `${layer} may not use ${mention.name}`))
}

function bansOf(layer: Layer): Bans[] {
  if (layers[layer].pure) return [worldly]
  if (layer === 'api') return [transports, tools]
  return /^(cli|conformance|load)$/.test(layer) ? [] : [tools]
}

function breaks(names: Bans, { name, typeOnly = false }: Mention): boolean {
  if (name.startsWith('.')) return names.has(name)
  // A member of the global object is what it is by itself; who passes that object on passes everything on.
  const meant = name.replace(/^((globalThis|global)\.)+/, '')
  if (/^(globalThis|global)$/.test(meant)) return true
  const bannedWhole = (path: string) =>
    path.split('.').some((_, i, parts) => names.has(parts.slice(0, i + 1).join('.')))
  if (bannedWhole(name) || bannedWhole(meant)) return true
  return !typeOnly && [...names].some(banned => banned.startsWith(`${meant}.`))
}

/** No comment that the compiler obeys: it would bring types in, or look away. Entries name the types they are made of. */
export const directives: Rule = file =>
  file.directives
    .filter(({ name }) => !isEntry(file.path) || !name.startsWith('reference types="node"'))
    .map(mention => at(file, mention, `the compiler is told ${mention.name}`))

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
  directives,
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
