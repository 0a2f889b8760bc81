import { describe, expect, it } from 'vitest'
import { html } from './html.js'

describe('html', () => {
  it('escapes text and keeps markup', () => {
    const name = `<b title="a">'&'</b>`
    expect(html`<i title="${name}">${name}${html`<br>`}</i>`.markup).toBe(
      '<i title="&lt;b title=&quot;a&quot;&gt;&#39;&amp;&#39;&lt;/b&gt;">&lt;b title=&quot;a&quot;&gt;&#39;&amp;&#39;&lt;/b&gt;<br></i>',
    )
  })

  it('joins lists and leaves out what is missing', () => {
    expect(html`${['<', html`<br>`, [1, 0]]}${undefined}${false}`.markup).toBe('&lt;<br>10')
  })
})
