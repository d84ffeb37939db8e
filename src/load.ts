/// <reference types="node" preserve="true" />
/** framewright/load: a load generator whose figures can be trusted, or that says that they cannot. */
export type { ConditionReport } from './load/condition.js'
export { load } from './load/load.js'
export type { LoadConnectOptions, LoadOptions, LoadSettings } from './load/load-options.js'
export type { RateSegment } from './load/rate-plan.js'
export type { GeneratorReport, LoadReport, LoadSecond, TimeReport, TimeSummary } from './load/report.js'
export type { Arrival, Share } from './load/schedule.js'
export type { CountName, TimeName } from './load/tally.js'
export type { Verdict } from './load/verdict.js'
