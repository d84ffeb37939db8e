/** What the commands exit with; `--help` lists what each of them uses. */
export const ExitCode = {
  ok: 0,
  /** It ran, and did not end well: the port is in use, the connection ended abnormally. */
  failed: 1,
  /** The command line is wrong, or the input. */
  usage: 2,
  /** The server answered, and refused. */
  refused: 3,
  /** What was measured says nothing about the server (`load --strict`). */
  untrusted: 3,
  /** The server cannot be reached: DNS, TCP, TLS, or no answer in time; or all connections of a load were lost. */
  unreachable: 4,
  /** What was to be printed could not be: the disk is full, … */
  output: 5,
  /** Cut short by a second Ctrl-C: 128 and the number of SIGINT, as shells have it. */
  interrupted: 130,
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]
