/** What a load is where one rate of one kind of message is not enough: phases, and classes of users who go through steps. */

import type { Workload } from '../load-options.js'

/** Milliseconds, or text: `500ms`, `2s`, `1min`, `1h`. In files always text, with its unit, but for 0. */
export type Time = number | string

/** One of what follows: sending, receiving, thinking, or doing some of it again. */
export type ScenarioStep =
  | {
      /**
       * What is sent: text, or data that becomes JSON. Names in braces stand for values: `{id}`, another one for each
       * message; `{connection}` and `{number}`, which count connections and how often the steps have begun, from 0; names of
       * `values`, and of what was captured before. In text they are put in as they are; in data they stand in strings, whatever
       * characters they have.
       */
      readonly send: unknown
      /** As a binary message. Default false. */
      readonly binary?: boolean | undefined
      /** Names it for what it is answered by, see {@link ScenarioReceive.of}. Default: none. */
      readonly name?: string | undefined
    }
  | {
      /** Waits for a message; `{}` for any. */
      readonly receive: ScenarioReceive
    }
  | {
      /**
       * Waits: a time; one by chance between two (`1s..3s`); of an exponential distribution with a mean; of a normal one with a
       * mean and a standard deviation, below 0 taken for 0; or of a log-normal one, which is what people are like, of which
       * half do not exceed `p50`, and all but one of a hundred `p99`.
       */
      readonly think:
        | Time
        | { readonly mean: Time; readonly deviation?: Time | undefined }
        | { readonly p50: Time; readonly p99: Time }
    }
  | {
      /** So many times. */
      readonly repeat: number
      /** What is done again. */
      readonly steps: readonly ScenarioStep[]
    }

/**
 * What a message is like: a regular expression, or what must stand where in JSON, by JSON Pointers (`{ '/status': 'ok' }`).
 * Names in braces stand for values, taken literally.
 */
export type ScenarioPattern = string | Readonly<Record<string, string | number | boolean | null>>

/** Of {@link ScenarioStep}: which message is waited for, and what is done with it. */
export interface ScenarioReceive {
  /** Names it in errors. Default: its place among the steps. */
  readonly name?: string | undefined
  /**
   * The name of the message that it answers, from which it is timed, and whose `{id}` is that of `match` and `check`. Default: the
   * only one before it that has no reply; of those that have an `{id}`, where `match` has one; or, where all that have none get one
   * and any message will do, the oldest of them. What comes where every message has its reply is counted, but not timed, unless
   * `match` has an `{id}`.
   */
  readonly of?: string | undefined
  /** Which messages are meant: others pass by. Default: any. */
  readonly match?: ScenarioPattern | undefined
  /** What those must be like; where one is not, it counts as wrong, and the steps are given up. Default: anything. */
  readonly check?: ScenarioPattern | undefined
  /** What is kept by a name that is not that of another value: a JSON Pointer, or a regular expression with a group. */
  readonly capture?: Readonly<Record<string, string>> | undefined
  /** How long it is waited for; then it counts as lost, and the steps are given up. Default 5 s. */
  readonly within?: Time | undefined
  /** How many. Default 1. */
  readonly count?: number | undefined
}

/** A time in which users come at one rate, or at one that changes evenly. */
export interface ScenarioPhase {
  /** In the report. Default: its place among the phases. */
  readonly name?: string | undefined
  /** How long it lasts. */
  readonly duration: Time
  /**
   * Users a second, of all classes together: a number, `500/s` or `0..500/s`. Either all phases have one, or none: then each
   * connection goes through its steps again and again.
   */
  readonly rate?: number | string | undefined
}

/** Users who all do the same. */
export interface ScenarioClass {
  /** Connections; default 10. They are opened before the load begins. */
  readonly connections?: number | undefined
  /** How much of the rate it has, beside others. Default 1. */
  readonly weight?: number | undefined
  /** Instead of that of the scenario. */
  readonly url?: string | undefined
  /** Besides those of the scenario. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Instead of those of the scenario. */
  readonly protocols?: readonly string[] | undefined
  /**
   * Steps that each connection goes through once, before the load begins: to log in, or to subscribe; before a workload, too, and
   * those of `connect` and `storm` each time they are opened. They are not counted, and a connection that cannot go through them
   * is ended. Default: none.
   */
  readonly opening?: readonly ScenarioStep[] | undefined
  /** Steps that are the load; the first one sends. Default: none, its connections are only held. */
  readonly steps?: readonly ScenarioStep[] | undefined
  /** Lists of values; of each one is chosen by chance whenever the steps begin. */
  readonly values?: Readonly<Record<string, readonly (string | number)[]>> | undefined
  /**
   * Instead of steps: what goes to and fro, see {@link LoadOptions.workload}. Of the rate it has its share in messages, or, of
   * `connect`, in connections; `idle` and `storm` have none.
   */
  readonly workload?: Exclude<Workload, 'mixed' | 'steps'> | undefined
  /** Of a workload: octets of each message, or text such as `64KiB`. */
  readonly size?: number | string | undefined
  /** Of `echo` and `upload`: the share of each payload that is by chance, such as `30%`. */
  readonly random?: number | string | undefined
  /** Of a workload: text messages instead of binary ones. */
  readonly text?: boolean | undefined
  /** Of `request` and `download`: what is sent, text or data that becomes JSON; see {@link RequestTemplate.message}. */
  readonly message?: unknown
  /** Of `request`: see {@link RequestTemplate.replyId}. */
  readonly replyId?: string | undefined
  /** Of `request`: see {@link RequestTemplate.replies}. */
  readonly replies?: number | undefined
  /** Of `broadcast`: see {@link LoadOptions.toSender}. */
  readonly toSender?: boolean | undefined
  /** Of a workload, without rates: see {@link LoadOptions.pipeline}. */
  readonly pipeline?: number | undefined
  /** Of a workload, without rates: see {@link LoadOptions.replyTimeout}. */
  readonly replyTimeout?: Time | undefined
  /** Of `storm`: see {@link LoadOptions.backoff}. */
  readonly backoff?: { readonly first: Time; readonly longest: Time } | undefined
  /** Of `storm`: see {@link LoadOptions.cutAll}. */
  readonly cutAll?: boolean | undefined
  /**
   * Shares of its connections that do not behave, such as `5%`, see {@link LoadOptions.badPeers}: they go through the opening steps
   * as the others do. Where there are steps, slow readers ask for nothing, but take in slowly what comes.
   */
  readonly slowReaders?: number | string | undefined
  /** As `slowReaders`, of workloads only. */
  readonly slowWriters?: number | string | undefined
  /** As `slowReaders`. */
  readonly halfOpen?: number | string | undefined
  /** As `slowReaders`. */
  readonly resetting?: number | string | undefined
  /** What must not be of this class: see {@link LoadOptions.failIf}. */
  readonly failIf?: readonly string[] | undefined
}

/** A load of phases and classes, as scenario files have it. */
export interface Scenario {
  /** Where to, `ws:` or `wss:`; may be said of each class, or beside the scenario, instead. */
  readonly url?: string | undefined
  /** One after the other. */
  readonly phases: readonly ScenarioPhase[]
  /** By name. */
  readonly classes: Readonly<Record<string, ScenarioClass>>
  /** Header fields of all requests. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Subprotocols to offer. */
  readonly protocols?: readonly string[] | undefined
  /** Users come evenly spaced (default), or independent of each other. */
  readonly arrival?: 'constant' | 'poisson' | undefined
  /** How long it runs before the phases, as the first one begins. Default 3 s with rates, else 1 s. */
  readonly warmUp?: Time | undefined
  /** How long the last replies are waited for. Default 5 s. */
  readonly drain?: Time | undefined
  /** Threads that share the connections, at most 256. Default 1. */
  readonly threads?: number | undefined
  /** Makes the times of a run repeat. Default 1. */
  readonly seed?: number | undefined
  /** What must not be; of one class: `readers: rtt.p99 > 20ms`. */
  readonly failIf?: readonly string[] | undefined
}

/**
 * Nothing but its argument: for scenarios in JavaScript files, whose types are then known.
 *
 * @example
 * ```js
 * export default defineScenario({ url: 'ws://127.0.0.1:9001', phases: [{ duration: '10s' }], classes: { … } })
 * ```
 */
export function defineScenario(scenario: Scenario): Scenario {
  return scenario
}

/** What a report says of a scenario. */
export interface ScenarioAbout {
  /** One after the other; how long each is to last, in milliseconds. */
  readonly phases: readonly { readonly name: string; readonly duration: number }[]
  /** What its classes are called. */
  readonly classes: readonly string[]
  /** The same for scenarios that are the same. */
  readonly digest: string
}
