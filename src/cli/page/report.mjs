// The report of `framewright conform` in a browser: one page with all its data in it. Bundled by bundle.mjs.
import { html, render } from 'htm/preact'
import { useMemo, useState } from 'preact/hooks'

const reports = JSON.parse(document.getElementById('data').textContent)
const verdicts = ['PASS', 'INFO', 'SKIP', 'WARN', 'FAIL', 'ERROR']

/** A row for each case that any of the reports has; `found` has an entry per report. */
const rows = (() => {
  const byId = new Map()
  for (const [i, { cases }] of reports.entries()) {
    for (const one of cases) {
      if (!byId.has(one.id)) byId.set(one.id, { ...one, found: reports.map(() => undefined) })
      byId.get(one.id).found[i] = one
    }
  }
  return [...byId.values()]
})()

const sections = [...new Set(rows.map(({ section }) => section))]

/** How many rows are put into the page unless asked for more. */
const few = 400

function isShown({ search, section, shown, different }, row) {
  if (section !== '' && row.section !== section) return false
  const found = row.found.map(one => one?.verdict ?? '')
  if (!found.some(verdict => shown.has(verdict))) return false
  if (different && new Set(found.filter(verdict => verdict !== '')).size === 1) return false
  const text = [row.id, row.title, row.requirement, ...row.autobahn].join(' ').toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word))
}

function Verdict({ verdict }) {
  return verdict === undefined ? '' : html`<b class=${`verdict ${verdict}`}>${verdict}</b>`
}

function Summary() {
  return reports.map(
    ({ tested, counts, started, duration, tool }) => html`<article class="summary">
      <h2>${tested.name} <small>${tested.role}</small></h2>
      <p>${verdicts.filter(verdict => counts[verdict] > 0).map(verdict => html`<span><${Verdict} verdict=${verdict} /> ${counts[verdict]}</span>`)}</p>
      <p class="soft">${tool}, ${started.slice(0, 16).replace('T', ' ')} UTC, ${(duration / 1000).toFixed(1)} s</p>
    </article>`,
  )
}

function Findings({ side, judgement }) {
  if (judgement.findings.length === 0) return html`<li>${side}: <${Verdict} verdict=${judgement.verdict} /></li>`
  return judgement.findings.map(
    ({ verdict, reason, section }) =>
      html`<li>${side}: <${Verdict} verdict=${verdict} /> ${reason}${section === undefined ? '' : ` (§${section})`}</li>`,
  )
}

function Wire({ one }) {
  return html`<ol class="wire">${one.transcript.map(
    ({ at, from, kind, text, hex, length }) => html`<li class=${from}>
      <time>${at.toFixed(1)} ms</time><span class=${kind}>${text}${length === 0 ? '' : html`<code>${hex}${length * 2 > hex.length ? '…' : ''}</code>`}</span>
    </li>`,
  )}</ol>${one.leftOut > 0 ? html`<p class="soft">${one.leftOut} more in the middle are not kept</p>` : ''}`
}

function Detail({ row }) {
  const told = row.found.map((one, i) => ({ one, name: reports[i].tested.name })).filter(({ one }) => one !== undefined)
  return html`<div class="detail">
    <p>${row.title}</p>
    <blockquote>${row.requirement}<cite>${row.section}, ${row.level}${row.autobahn.length === 0 ? '' : `, Autobahn ${row.autobahn.join(', ')}`}</cite></blockquote>
    ${told.map(
      ({ one, name }) => html`<section>
        <h3>${name} <${Verdict} verdict=${one.verdict} /></h3>
        <ul><${Findings} side="behaviour" judgement=${one.behaviour} /><${Findings} side="closing" judgement=${one.closing} /></ul>
        <ol class="steps">${one.steps.map(({ kind, text, state }) => html`<li class=${state.replace(' ', '-')}>${kind === 'send' ? 'sent' : 'awaited'} ${text}</li>`)}</ol>
        <${Wire} one=${one} />
        <pre>${one.reproduce}</pre>
      </section>`,
    )}
  </div>`
}

function Row({ row, open, onToggle }) {
  return html`<tr class=${open ? 'open' : ''} onClick=${onToggle}>
      <td><button aria-expanded=${open}>${row.id}</button><br /><span class="soft">${row.title}</span></td>
      <td>${row.level}</td>
      ${row.found.map((one, i) => html`<td data-name=${reports.length > 1 ? reports[i].tested.name : undefined}><${Verdict} verdict=${one?.verdict} /></td>`)}
    </tr>
    ${open ? html`<tr><td colspan=${2 + reports.length}><${Detail} row=${row} /></td></tr>` : ''}`
}

function Page() {
  const [filter, setFilter] = useState({ search: '', section: '', shown: new Set(verdicts), different: false })
  const [open, setOpen] = useState(location.hash.slice(1))
  const [most, setMost] = useState(few)
  const shown = useMemo(() => rows.filter(row => isShown(filter, row)), [filter])
  const change = part => setFilter({ ...filter, ...part })
  const toggle = verdict => {
    const next = new Set(filter.shown)
    if (!next.delete(verdict)) next.add(verdict)
    change({ shown: next })
  }
  return html`<header><h1>Conformance</h1><div class="summaries"><${Summary} /></div></header>
    <form onSubmit=${event => event.preventDefault()}>
      <input type="search" placeholder="search: id, title, requirement, Autobahn number" aria-label="search"
        onInput=${({ target }) => change({ search: target.value })} />
      <select aria-label="section" onChange=${({ target }) => change({ section: target.value })}>
        <option value="">all sections</option>${sections.map(section => html`<option value=${section}>${section}</option>`)}
      </select>
      ${verdicts.map(verdict => html`<label><input type="checkbox" checked=${filter.shown.has(verdict)} onChange=${() => toggle(verdict)} />${verdict}</label>`)}
      ${reports.length > 1 ? html`<label><input type="checkbox" onChange=${({ target }) => change({ different: target.checked })} />only where they differ</label>` : ''}
      <output>${shown.length} of ${rows.length} cases</output>
    </form>
    <table>
      <thead><tr><th>case</th><th>level</th>${reports.map(({ tested }) => html`<th>${tested.name}</th>`)}</tr></thead>
      <tbody>${shown.slice(0, most).map(row => html`<${Row} key=${row.id} row=${row} open=${open === row.id} onToggle=${() => setOpen(open === row.id ? '' : row.id)} />`)}</tbody>
    </table>
    ${shown.length > most ? html`<button class="more" onClick=${() => setMost(shown.length)}>show all ${shown.length}</button>` : ''}`
}

render(html`<${Page} />`, document.getElementById('page'))
