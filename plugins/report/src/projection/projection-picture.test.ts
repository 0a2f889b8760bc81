import { describe, expect, it } from 'vitest'
import { projectionPicture } from './projection-picture.js'

describe('projectionPicture', () => {
  const points = [
    [0, 0],
    [10, 0],
    [10, 5],
  ] as const

  it('draws one path a class, and the rest as others; up is up', () => {
    const { markup } = projectionPicture(points, [0, 1, 2], [0, 2], 'Run')
    expect(markup).toContain('<path class="others" d="M310 235h.01"/>')
    expect(markup).toContain('stroke="var(--blue)" d="M10 235h.01"')
    expect(markup).toContain('stroke="var(--vermillion)" d="M310 85h.01"')
  })

  it('stays in the picture when all points are one', () => {
    expect(
      projectionPicture(
        [
          [3, 3],
          [3, 3],
        ],
        [0, 0],
        [0],
        'Run',
      ).markup,
    ).toContain('d="M160 160h.01M160 160h.01"')
  })
})
