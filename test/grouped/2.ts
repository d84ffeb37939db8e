import { runTogether } from './run.js'

await runTogether(2)
