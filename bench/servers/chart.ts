/** The ratios as a chart: an SVG, drawn by Apache ECharts, which needs no browser for it. */
import { createRequire } from 'node:module'
import { packageVersion, peerFile } from './peer.js'
import type { Results } from './results.js'

/** Whether there is somebody who draws. */
export function canDraw(): boolean {
  return packageVersion('echarts') !== undefined
}

interface Echarts {
  init(
    element: null,
    theme: null,
    options: object,
  ): { setOption(option: object): void; renderToSVGString(): string; dispose(): void }
}

/** How many times as much ws takes, a group of bars for each point, on a logarithmic axis. */
export function chartOf({ cells, date, machine }: Results): string {
  const echarts = createRequire(peerFile('package.json'))('echarts') as Echarts
  const known = cells.filter(({ againstWs }) => againstWs !== undefined)
  const points = [...new Set(known.map(({ point }) => point))]
  // ws is the line from which the bars begin.
  const peers = [...new Set(known.map(({ peer }) => peer))].filter(peer => peer !== 'ws')
  const chart = echarts.init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: 960,
    height: 120 + points.length * (14 + peers.length * 9),
  })
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    title: {
      text: 'How many times as much ws takes: longer is better',
      subtext: `CPU for one message, or memory of one connection. ${machine.cpu}, ${machine.cores} cores, ${date}`,
      left: 'center',
    },
    legend: { top: 62, itemGap: 24, data: peers },
    grid: { left: 190, right: 30, top: 96, bottom: 30 },
    xAxis: { type: 'log', min: 0.25, name: '', splitLine: { lineStyle: { color: '#ddd' } } },
    yAxis: { type: 'category', inverse: true, data: points, axisTick: { show: false } },
    series: peers.map(peer => ({
      name: peer,
      type: 'bar',
      data: points.map(point => known.find(cell => cell.point === point && cell.peer === peer)?.againstWs ?? '-'),
    })),
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return `${svg}\n`
}
