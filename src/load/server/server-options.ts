/** What a load can be told of the server that it loads, besides where it is. */
import { UsageError } from '../../errors.js'
import { isFunction, isObject, must, type OptionTable } from '../../option-table.js'
import { httpTarget } from '../http-call.js'
import { usageOfCgroup } from './cgroup-usage.js'
import { parseSelector } from './known-metrics.js'
import { usageOfProcess } from './process-usage.js'

/** Those options of a load that say how the server is watched. */
export interface ServerOptions {
  /**
   * The process of the server, where it runs on this machine: what it takes of CPU and memory, with all processes that it has
   * started (workers of a cluster, a container below its first process), is reported second by second, and how much memory each
   * connection takes, by regression while they are opened, of a server that had none before. Linux only. Default: nobody looks.
   */
  readonly serverPid?: number | undefined
  /**
   * The same of a control group (version 2) instead of a process: its folder, such as `/sys/fs/cgroup/system.slice/my.service`. Its
   * memory is what counts against its limit, with what its sockets hold in the kernel. Linux only.
   */
  readonly serverCgroup?: string | undefined
  /** What the server tells of itself, see {@link ServerMetricsOptions}. Default: nobody asks. */
  readonly serverMetrics?: ServerMetricsOptions | undefined
}

/**
 * A page of metrics of the server, in the text format of Prometheus: asked for once a second, by the thread that gathers. Known
 * by their names are CPU and resident memory of its process, and the delay of its event loop, as prom-client and OpenTelemetry
 * have them, with any prefix. Where nothing else watches the process, its CPU and memory are those.
 */
export interface ServerMetricsOptions {
  /** `http:` or `https:`; a user name and a password in it are sent as Basic authorization. */
  readonly url: string | URL
  /** Fields of the requests, such as a token. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * Others to report, at most 100: names, in which `*` stands for anything, with labels if these matter:
   * `http_requests_total{code="500"}`. Lines that differ only in other labels are added up. Default: none.
   */
  readonly metrics?: readonly string[] | undefined
  /** Called when they cannot be had and could before, with a sentence. The load goes on. */
  readonly onTrouble?: ((message: string) => void) | undefined
}

/** What reports keep of it. */
export interface ServerMetricsSettings {
  /** Without user name and password. */
  readonly url: string
  /** {@inheritDoc ServerMetricsOptions.metrics} */
  readonly metrics: readonly string[]
  /** Not in reports. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** What a load was told of it. */
export interface ServerSettings {
  /** {@inheritDoc ServerOptions.serverPid} */
  readonly serverPid: number | undefined
  /** {@inheritDoc ServerOptions.serverCgroup} */
  readonly serverCgroup: string | undefined
  /** {@inheritDoc ServerOptions.serverMetrics} */
  readonly serverMetrics: ServerMetricsSettings | undefined
}

/** Whether anybody wants to know how many connections are open while they are opened. */
export function isWatched({ serverPid, serverCgroup, serverMetrics }: ServerSettings): boolean {
  return (serverPid ?? serverCgroup ?? serverMetrics) !== undefined
}

const section = '6.1'

/** How these are checked by themselves. */
export const serverOptionTable: OptionTable<ServerOptions> = {
  serverPid: must(pid => Number.isSafeInteger(pid) && (pid as number) > 0, section, 'a whole number from 1 on'),
  serverCgroup: must(folder => typeof folder === 'string' && folder !== '', section, 'the folder of a control group'),
  serverMetrics: must(
    isServerMetrics,
    section,
    'an object with a URL of HTTP, and perhaps headers, metrics and onTrouble',
  ),
}

/**
 * Looks whether there is what is to be watched; what the server tells is asked for later.
 *
 * @throws UsageError WS_INVALID_OPTION
 */
export function serverSettings({ serverPid, serverCgroup, serverMetrics }: ServerOptions): ServerSettings {
  const linux = 'or this system does not tell of it (Linux does)'
  if (serverPid !== undefined && serverCgroup !== undefined) {
    refuse('`serverPid` and `serverCgroup`: there is one to be watched, and not both')
  }
  if (serverPid !== undefined && usageOfProcess(serverPid) === undefined) {
    refuse(`\`serverPid\` ${serverPid}: there is no such process, ${linux}`)
  }
  if (serverCgroup !== undefined && usageOfCgroup(serverCgroup) === undefined) {
    refuse(
      `\`serverCgroup\` ${serverCgroup}: there is no such control group of version 2 with cpu.stat and memory.current, ${linux}`,
    )
  }
  return { serverPid, serverCgroup, serverMetrics: serverMetrics && metricsSettings(serverMetrics) }
}

function metricsSettings({ url, headers, metrics = [] }: ServerMetricsOptions): ServerMetricsSettings {
  const wrong = metrics.find(metric => parseSelector(metric) === undefined)
  if (wrong !== undefined) {
    refuse(
      `\`serverMetrics\`: ${JSON.stringify(wrong)} is no metric such as nodejs_gc_* or http_requests_total{code="500"}`,
    )
  }
  const target = httpTarget(url, headers)
  return { url: String(target.url), metrics: [...metrics], headers: target.headers }
}

function isServerMetrics(value: unknown): boolean {
  if (!isObject(value)) return false
  const { url, headers = {}, metrics = [], onTrouble, ...others } = value as ServerMetricsOptions
  const isTexts = (all: unknown) => Array.isArray(all) && all.every(text => typeof text === 'string')
  return (
    isHttp(url) &&
    isObject(headers) &&
    isTexts(Object.values(headers)) &&
    isTexts(metrics) &&
    (onTrouble === undefined || isFunction(onTrouble)) &&
    Object.keys(others).length === 0
  )
}

function isHttp(url: unknown): boolean {
  try {
    httpTarget(url as string)
    return true
  } catch {
    return false
  }
}

function refuse(message: string): never {
  throw new UsageError('WS_INVALID_OPTION', section, message)
}
