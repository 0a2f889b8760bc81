import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { drawPlot } from './draw-plot.js'
import { lossPage } from './loss-page.js'
import { documentedLosses } from './losses.js'
import { MarkdownWriter } from './markdown.js'
import { overview } from './overview.js'
import { plotOf } from './plots.js'

/** All files of docs/losses, by their paths in it. Asks the losses for their curves: wants a backend. */
export async function allPages(): Promise<ReadonlyMap<string, string>> {
  const losses = documentedLosses()
  const write = new MarkdownWriter(new Map([...pagesOf('distances'), ...pagesOf('reducers'), ...pagesOf('regularizers'), ...losses.map(({ name }): [string, string] => [name, `${name}.md`])]))
  const files: [string, string][] = [['README.md', overview(losses, write)]]
  for (const loss of losses) {
    const plot = plotOf(loss)
    const path = `images/${loss.name}.svg`
    files.push([`${loss.name}.md`, lossPage(loss, write, plot && { path, over: plot.over, caption: plot.caption })])
    if (plot) files.push([path, await drawPlot(plot)])
  }
  return new Map(files)
}

/** Names of parts that have a page in a folder of docs, with their pages. */
function pagesOf(folder: string): readonly [string, string][] {
  const files = readdirSync(fileURLToPath(new URL(`../../../docs/${folder}/`, import.meta.url)))
  return files.filter((file) => file !== 'README.md').map((file) => [file.replace(/\.md$/, ''), `../${folder}/${file}`])
}
