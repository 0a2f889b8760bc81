import { html, type Html } from '../html/html.js'
import { section } from './section.js'

/** Values by name, as text. */
export type Settings = Readonly<Record<string, string | number | boolean>>

/** Configuration, versions, and the command that makes this report again. */
export function settingsSections(configuration: Settings, versions: Settings, command: string | undefined): (Html | undefined)[] {
  const definitions = (heading: string, settings: Settings) =>
    Object.keys(settings).length > 0 &&
    html`<div><h3>${heading}</h3><dl>${Object.entries(settings).map(([name, value]) => html`<div><dt>${name}</dt><dd>${String(value)}</dd></div>`)}</dl></div>
`
  const has = Object.keys({ ...configuration, ...versions }).length > 0
  return [
    has
      ? section('settings', 'Configuration', '', html`<div class="settings">${definitions('Options', configuration)}${definitions('Versions', versions)}</div>`)
      : undefined,
    command === undefined ? undefined : section('reproduce', 'How to reproduce', '', html`<pre><code>${command}</code></pre>`),
  ]
}
