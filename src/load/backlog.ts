/**
 * What a server was behind with when the measured time was over: it has not held the rate, however well it answered behind that.
 * That replies are under way at the end says nothing by itself: so many are as come due within a round trip, however long that is.
 * It is behind where they have become more than its round trips explain, which are known by what was under way before: at the end of
 * each second, beside the rate.
 */
import { count, period } from './figures.js'
import type { LoadReport } from './report.js'

/** What a server was behind with at the end. */
export interface Backlog {
  /** Replies that were under way then, above what was usual at that rate. */
  readonly replies: number
  /** In so many milliseconds as many were to come. */
  readonly time: number
}

/** By so much any server falls behind now and then, when something has held it up; milliseconds. */
const usual = 100
/** Or by such a share of all replies. */
const usualShare = 0.001
/** What is under way by chance varies by about its root; so many of these are chance. */
const byChance = 4
/** It has grown where it is more than in that part of the measured time. */
const before = 0.75

/** The end of a second. */
interface SecondEnd {
  /** Replies that were expected in it. */
  readonly rate: number
  /** The highest rate so far. */
  readonly peak: number
  readonly underWay: number
  /** Anything has come. */
  readonly answers: boolean
}

/** Undefined where there is none to speak of, where it was too short to tell, or where no rate was to be held. */
export function backlogOf({
  counts: { expected, unanswered, wrong },
  seconds,
  settings: { segments, warmUp },
  perSecond,
}: Pick<LoadReport, 'counts' | 'seconds' | 'perSecond'> & {
  readonly settings: Pick<LoadReport['settings'], 'segments' | 'warmUp'>
}): Backlog | undefined {
  if (segments === undefined || expected === 0) return undefined
  // Of the time before only whole seconds are known.
  const whole = (share: number) => Math.floor((warmUp + seconds * 1000 * share) / 1000)
  const measured = perSecond.slice(0, whole(1))
  // Something came for them, but what it was is known a second later.
  const knownLate = wrong - measured.reduce((sum, { counts }) => sum + counts.wrong, 0)
  const ends = secondEnds(measured, (unanswered + knownLate) / expected)
  const last = ends.length - 1
  const from = Math.min(whole(before), last)
  const known = ends.slice(0, from).filter(({ answers }) => answers)
  if (known.length === 0) return undefined
  const rate = Math.max(...ends.slice(from).map(({ rate }) => rate))
  const explained = known.map(({ underWay, peak }) => (underWay * rate) / peak)
  const most = Math.max(...explained)
  const { underWay } = ends[last]!
  const grown = underWay - most
  const share = (seconds * 1000) / expected
  if (grown * share <= usual || grown <= expected * usualShare || grown <= byChance * Math.sqrt(most + 1)) {
    return undefined
  }
  const replies = Math.round(underWay - Math.min(...explained))
  return { replies, time: replies * share }
}

/** @param never - the share of all replies that never came, or were not seen to: they say nothing of what is under way. */
function secondEnds(perSecond: LoadReport['perSecond'], never: number): SecondEnd[] {
  let [peak, due, came] = [0, 0, 0]
  return perSecond.map(({ counts, ofWarmUp }) => {
    const parts = ofWarmUp === undefined ? [counts] : [counts, ofWarmUp.counts]
    const rate = parts.reduce((sum, { expected }) => sum + expected, 0)
    peak = Math.max(peak, rate)
    due += rate
    came += parts.reduce((sum, { received, lost, wrong }) => sum + received + lost + wrong, 0)
    return { rate, peak, underWay: Math.max(0, due * (1 - never) - came), answers: came > 0 }
  })
}

/** For people. */
export function backlogText({ replies, time }: Backlog): string {
  return `${count(replies)} replies more than usual were under way at the end: it was ${period(time)} of the rate behind`
}
