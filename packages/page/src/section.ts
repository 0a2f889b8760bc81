import { html, type Html, type HtmlPart } from './html.js'

/** One section of a page, with its heading and a sentence that says how to read it. */
export function section(id: string, heading: string, lead: HtmlPart, ...content: readonly HtmlPart[]): Html {
  return html`<section id="${id}">
<h2>${heading}</h2>
${lead === undefined || lead === '' ? undefined : html`<p class="lead">${lead}</p>`}
${content}
</section>
`
}
