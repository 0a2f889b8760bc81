import { type Html, html, section } from '@metric-learning/page'

/** Values by name, shown as text. */
export type Settings = Readonly<Record<string, string | number | boolean>>

/** Configuration and versions, side by side; `undefined` when there are none. */
export function settingsSection(configuration: Settings, versions: Settings): Html | undefined {
  const lists = [definitions('Options', configuration), definitions('Versions', versions)]
  if (lists.every((list) => list === undefined)) return undefined
  return section('settings', 'Configuration', '', html`<div class="settings">${lists}</div>`)
}

/** The command that makes the report again. */
export function commandSection(command: string): Html {
  return section('reproduce', 'How to reproduce', '', html`<pre><code>${command}</code></pre>`)
}

function definitions(heading: string, settings: Settings): Html | undefined {
  const entries = Object.entries(settings)
  if (entries.length === 0) return undefined
  const rows = entries.map(([name, value]) => html`<div><dt>${name}</dt><dd>${String(value)}</dd></div>`)
  return html`<div><h3>${heading}</h3><dl>${rows}</dl></div>`
}
