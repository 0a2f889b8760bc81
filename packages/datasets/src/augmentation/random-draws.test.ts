import { Random } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { erasedBox, jitterOf, resizedCrop } from './random-draws.js'

describe('random draws', () => {
  const random = new Random(5)

  it('crops an area and an aspect that were asked for, at places where every one is as likely', () => {
    const boxes = Array.from({ length: 4000 }, () => resizedCrop(random, 60, 90, [0.2, 0.5], [3 / 4, 4 / 3]))
    for (const [top, left, height, width] of boxes) {
      expect(top >= 0 && left >= 0 && top + height <= 60 && left + width <= 90).toBe(true)
      const [area, aspect] = [(height * width) / 5400, width / height]
      expect(area).toBeGreaterThan(0.19)
      expect(area).toBeLessThan(0.52)
      expect(aspect).toBeGreaterThan(0.73)
      expect(aspect).toBeLessThan(1.37)
    }
    // The mean of a uniform from 0.2 to 0.5 is 0.35; its deviation over √4000 is 0.0014.
    const mean = boxes.reduce((sum, [, , height, width]) => sum + (height * width) / 5400, 0) / boxes.length
    expect(Math.abs(mean - 0.35)).toBeLessThan(0.006)
    const middles = boxes.reduce((sum, [, left, , width]) => sum + left / (90 - width), 0) / boxes.length
    expect(Math.abs(middles - 0.5)).toBeLessThan(0.02)
  })

  it('crops the largest in the middle when none fits', () => {
    expect(resizedCrop(random, 10, 100, [1, 1], [1, 2])).toEqual([0, 40, 10, 20])
    expect(resizedCrop(random, 100, 10, [1, 1], [0.5, 1])).toEqual([40, 0, 20, 10])
  })

  it('erases less than the image, or nothing', () => {
    for (let i = 0; i < 500; i++) {
      const [top, left, height, width] = erasedBox(random, 20, 30, [0.02, 0.33], [0.3, 3.3])!
      expect(height < 20 && width < 30 && height > 0 && width > 0 && top + height <= 20 && left + width <= 30).toBe(true)
    }
    expect(erasedBox(random, 20, 30, [1, 1], [1, 1])).toBeUndefined()
  })

  it('orders the four adjustments in each way as often, with factors in their ranges', () => {
    const draws = Array.from({ length: 2400 }, () => jitterOf(random, { brightness: 0.4, contrast: 2, saturation: 0, hue: 0.1 }))
    const orders = new Map<string, number>()
    for (const draw of draws) {
      orders.set(draw.slice(0, 4).join(''), (orders.get(draw.slice(0, 4).join('')) ?? 0) + 1)
      const [brightness, contrast, saturation, hue] = draw.slice(4) as [number, number, number, number]
      expect(brightness >= 0.6 && brightness <= 1.4 && contrast >= 0 && contrast <= 3 && saturation === 1 && Math.abs(hue) <= 0.1).toBe(true)
    }
    // 100 of each, with a deviation of 10.
    expect(orders.size).toBe(24)
    for (const count of orders.values()) expect(Math.abs(count - 100)).toBeLessThan(50)
  })
})
