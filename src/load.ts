/// <reference types="node" preserve="true" />
/** framewright/load: a load generator whose figures can be trusted, or that says that they cannot. */

export type { Backlog } from './load/backlog.js'
export type { BadPeerKind, BadPeerReport, BadPeerShares, BadPeersReport } from './load/bad-peers.js'
export { compareCaveats } from './load/compare-caveats.js'
export { compareGate, type GateReport } from './load/compare-gate.js'
export { compareMarkdown } from './load/compare-markdown.js'
export { type ComparedFigure, compareReports } from './load/compare-reports.js'
export type { ConditionReport } from './load/condition.js'
export type { ConnectReport, TlsReport } from './load/connect-report.js'
export type { LoadExporter } from './load/export/load-exporter.js'
export { type OtlpOptions, otlpExporter } from './load/export/otlp-exporter.js'
export { type PrometheusOptions, prometheusExporter } from './load/export/prometheus-exporter.js'
export type { PushOptions } from './load/export/push-exporter.js'
export { type RemoteWriteOptions, remoteWriteExporter } from './load/export/remote-write-exporter.js'
export { type StatsdOptions, statsdExporter } from './load/export/statsd-exporter.js'
export { type FindRateOptions, type FoundRate, findRate, type RateStep } from './load/find-rate.js'
export { hgrmReport } from './load/hgrm-report.js'
export { htmlReport } from './load/html-report.js'
export { junitReport } from './load/junit-report.js'
export { load } from './load/load.js'
export type { LoadConnectOptions, LoadOptions, Workload } from './load/load-options.js'
export type { LoadSettings } from './load/load-settings.js'
export type { MadeBy } from './load/made-by.js'
export { mergeReports } from './load/merge-reports.js'
export type { MixedPart } from './load/mix.js'
export { parseReport } from './load/parse-report.js'
export type { RateSegment } from './load/rate-plan.js'
export type { Backoff } from './load/reconnections.js'
export type {
  ErrorReport,
  GeneratorReport,
  Interruption,
  LoadPart,
  LoadReport,
  LoadSecond,
  RateName,
  SecondPart,
  TimeReport,
  TimeSummary,
} from './load/report.js'
export type { RequestTemplate } from './load/request-messages.js'
export type { LoadSamples, SamplesReport } from './load/sample-writer.js'
export { type LoadScenarioOptions, loadScenario } from './load/scenario/load-scenario.js'
export type { ScenarioText } from './load/scenario/parse-scenario.js'
export type { PhaseReport } from './load/scenario/phase-report.js'
export type { ScenarioOptions } from './load/scenario/read-scenario.js'
export {
  defineScenario,
  type Scenario,
  type ScenarioAbout,
  type ScenarioClass,
  type ScenarioPattern,
  type ScenarioPhase,
  type ScenarioReceive,
  type ScenarioStep,
  type Time,
} from './load/scenario/scenario.js'
export type { Arrival, Share } from './load/schedule.js'
export type { ThreadReport } from './load/self-check.js'
export type { MemoryPerConnection, UnknownPerConnection } from './load/server/memory-per-connection.js'
export type {
  ServerMetricsOptions,
  ServerMetricsSettings,
  ServerOptions,
  ServerSettings,
} from './load/server/server-options.js'
export type { EventLoopDelay, MetricReport, ServerReport, ServerSecond } from './load/server/server-report.js'
export type { ShardsReport } from './load/shards.js'
export { loadShortages, type Shortage } from './load/shortages.js'
export type { CountName, TimeName } from './load/tally.js'
export { type Paint, type TextStyle, textReport } from './load/text-report.js'
export type { Verdict } from './load/verdict.js'
