import { drawPlot } from './draw-plot.js'
import { lossPage } from './loss-page.js'
import { documentedLosses } from './losses.js'
import { MarkdownWriter } from './markdown.js'
import { overview } from './overview.js'
import { plotOf } from './plots.js'

/** All files of docs/losses, by their paths in it. Asks the losses for their curves: wants a backend. */
export async function allPages(): Promise<ReadonlyMap<string, string>> {
  const losses = documentedLosses()
  const write = new MarkdownWriter(new Map(losses.map(({ name }) => [name, `${name}.md`])))
  const files: [string, string][] = [['README.md', overview(losses, write)]]
  for (const loss of losses) {
    const plot = plotOf(loss)
    const path = `images/${loss.name}.svg`
    files.push([`${loss.name}.md`, lossPage(loss, write, plot && { path, over: plot.over, caption: plot.caption })])
    if (plot) files.push([path, await drawPlot(plot)])
  }
  return new Map(files)
}
