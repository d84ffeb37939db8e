/**
 * The layers of `src/` and what each may use. Arrows point down only: a layer may import what it names here and, skipping
 * levels, whatever those may import; siblings (framing and http, handshake and connection, conformance and load) never
 * meet. To move an arrow is to change the architecture: say why in the decisions of spec-notes.md.
 */

/** A folder of `src/`, or one of the groups of files at its top. */
export type Layer = keyof typeof layers

/** What a layer may use. Modules are given without `node:`. */
export interface LayerRule {
  /** Layers directly below. */
  readonly below: readonly string[]
  /** Single files of other layers. */
  readonly files?: readonly string[]
  /** Node modules; `free` allows all but {@link closedModules}. */
  readonly modules: readonly string[] | 'free'
  /** Node modules of which types may be imported. */
  readonly types?: readonly string[]
  /** No clock, timer, console, process or chance. */
  readonly pure: boolean
}

const sockets = ['net', 'tls', 'dns', 'timers', 'timers/promises', 'dns/promises', 'dgram', 'http2']

export const layers = {
  base: { below: [], modules: [], pure: true },
  framing: { below: ['base'], modules: ['buffer'], pure: true },
  http: { below: ['base'], modules: ['buffer'], pure: true },
  extensions: { below: ['http'], modules: ['buffer'], pure: true },
  handshake: { below: ['extensions'], modules: ['buffer'], pure: true },
  connection: { below: ['extensions', 'framing'], modules: ['buffer'], pure: true },
  transport: {
    below: ['handshake', 'connection'],
    modules: ['buffer', 'events', 'stream', 'http', 'https', ...sockets],
    pure: false,
  },
  api: {
    below: ['transport'],
    modules: ['buffer', 'events', 'stream', 'util', 'util/types'],
    types: ['http'],
    pure: false,
  },
  // A tool that judges us must not agree with our mistakes: none of our framing, except the names of the opcodes.
  conformance: {
    below: ['handshake'],
    files: ['framing/frame-header.ts'],
    modules: ['buffer', 'events', 'stream', ...sockets],
    pure: false,
  },
  load: { below: ['api'], modules: 'free', pure: false },
  cli: { below: ['conformance', 'load', 'api'], modules: 'free', pure: false },
  'entry protocol': { below: ['connection', 'handshake'], modules: [], pure: true },
  entry: { below: ['api', 'load'], modules: [], pure: true },
} as const satisfies Readonly<Record<string, LayerRule>>

/** Node modules that one file may import besides those of its layer. */
export const extraModules: Readonly<Record<string, readonly string[]>> = {
  'framing/masking.ts': ['crypto'],
  // Nothing but the mark on memory that others have a part in.
  'pooled-memory.ts': ['worker_threads'],
  'handshake/accept-key.ts': ['crypto'],
  'extensions/deflate.ts': ['zlib'],
  'conformance/raw-deflate.ts': ['zlib'],
  'conformance/report/test-events.ts': ['test/reporters'],
  'transport/tls-client.ts': ['crypto'],
  // Only whether it is in use: then nothing times out.
  'cli/conform/suite-options.ts': ['inspector'],
  // No connection, but a pipe with a name: net alone writes to one without a thread that waits in it.
  'cli/load/samples-file.ts': ['net'],
  // Not our connections, and not what is measured: figures go to monitoring by its own protocols.
  'load/export/prometheus-exporter.ts': ['http'],
  'load/export/statsd-exporter.ts': ['dgram'],
}

/** Globals that one file may use though others may not. */
export const extraNames: Readonly<Record<string, readonly string[]>> = {
  // A module whose source lies beside it, and which a test compiles anew.
  'framing/simd-masking.ts': ['WebAssembly'],
}

/** Files that import what they are told at run time: a program of whoever uses the tool. */
export const loaders: readonly string[] = ['cli/load/scenario-file.ts']

/** Packages that a file may import; they are bundled when the package is built, for it has no runtime dependencies. */
export const bundledPackages: Readonly<Record<string, readonly string[]>> = {
  'cli/self-signed-certificate.ts': ['@peculiar/x509', 'reflect-metadata'],
  'load/histogram.ts': [
    'hdr-histogram-js/dist/ByteBuffer.js',
    'hdr-histogram-js/dist/Float64Histogram.js',
    'hdr-histogram-js/dist/ZigZagEncoding.js',
  ],
  'load/scenario/parse-document.ts': ['yaml'],
  'load/export/write-request.ts': ['pbf', 'snappyjs'],
  'load/random.ts': ['pure-rand/distribution/uniformFloat64', 'pure-rand/generator/xoroshiro128plus'],
}

/**
 * Modules that are closed where all others are free: those of the transport, which only it and conformance may import, and
 * those that load or run code which the imports do not show.
 */
export const closedModules: readonly string[] = [
  ...sockets,
  'http',
  'https',
  'module',
  'vm',
  'inspector',
  'repl',
  'wasi',
]

/** Files that are no TypeScript, and that no rule can judge. */
export const otherFiles: readonly string[] = [
  'cli/bundle.mjs',
  'cli/page/echo.html',
  'load/page/plots.mjs',
  'load/page/report.html',
  'cli/page/report.html',
  'cli/page/report.mjs',
  'cli/single-file/bundle.mjs',
  'cli/single-file/executable.mjs',
  'framing/masking.wat',
]

/** Files that only re-export; one per entry of `exports` in package.json. */
const entries: Readonly<Record<string, Layer>> = {
  'index.ts': 'entry',
  'load.ts': 'entry',
  'protocol.ts': 'entry protocol',
}

/** The layer a file belongs to, by its path below `src/`; undefined for a file in no known place. */
export function layerOf(path: string): Layer | undefined {
  const [folder, ...rest] = path.split('/')
  if (rest.length === 0)
    return (
      entries[path] ??
      (/^(errors|markdown-cell|one-line|option-table|pooled-memory|refusal-reason|status-code|suggestion|visible-text)\.ts$/.test(
        path,
      )
        ? 'base'
        : undefined)
    )
  return folder !== undefined && Object.hasOwn(layers, folder) && folder !== 'base' ? (folder as Layer) : undefined
}

/** Whether a file is an entry of the package. */
export function isEntry(path: string): boolean {
  return Object.hasOwn(entries, path)
}

/** Every layer that `layer` may import from, itself included. */
export function reachableFrom(layer: Layer): ReadonlySet<string> {
  const reached = new Set<string>([layer])
  for (const name of reached) {
    for (const lower of layers[name as Layer].below) reached.add(lower)
  }
  return reached
}
