import { runTogether } from './run.js'

await runTogether(3)
