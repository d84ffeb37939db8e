/** One of the looks at a package: says how it went; the others go on after a failure, and the process exits with 1 then. */
export async function look(name, work) {
  try {
    await work()
    console.log(`ok      ${name}`)
  } catch (error) {
    process.exitCode = 1
    const lines = (error.stdout || error.stderr || error.stack).trimEnd().split('\n')
    console.log([`FAILED  ${name}`, ...lines.slice(0, 40), ...(lines.length > 40 ? ['…'] : [])].join('\n'))
  }
}
