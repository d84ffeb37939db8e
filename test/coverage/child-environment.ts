/**
 * How env(1) starts a Node program for a test: it replaces itself with the program, so whatever watches this process over
 * `spawn` keeps out of it.
 */

/** Without any hooks: where coverage is nobody's question. */
export const withoutHooks: readonly string[] = ['-u', 'NODE_OPTIONS', '-u', 'NODE_V8_COVERAGE', process.execPath]

/** As NODE_OPTIONS: what is run of src/ is part of the coverage of the test, if that is measured. */
export const measured: string =
  process.env['_TAPJS_PROCESSINFO_COVERAGE_'] === '1' ? `--import=${new URL('hook.js', import.meta.url)}` : ''

/** With that. */
export const withCoverage: readonly string[] = [`NODE_OPTIONS=${measured}`, process.execPath]
