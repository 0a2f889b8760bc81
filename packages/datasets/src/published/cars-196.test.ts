import { describe, expect, it } from 'vitest'
import { cars196 } from './cars-196.js'
import { smallArchives } from './small-archive.fixture.js'

const archive = await smallArchives()
const bytes = (base64: string) => Buffer.from(base64, 'base64')

/** Written by scipy.io.savemat: all cars, those of either list, names of classes. */
const ALL = 'TUFUTEFCIDUuMCBNQVQtZmlsZSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAAAAAAAAAAAAABSU0PAAAAmwAAAHic42NgYDjAxMDABqQ5gBjIBANWKJ8RiJmhNDcQJ+bl5ZcklmTm5xVD1bEwCELljYG4KDUHKFuWGp+ZG1+QWJLBkJyTWFzMgARKUotLGDAAHxB7MCDcwYLFHUJQGgQEoPzkxCKgVcX6BiBgqJdVkI4wzwDJPE4s5jEimccEZDGSqY9q7jeizP1JFPqbYvcbU+b+IxS4HwDFPCbhDwAAADsCAAB4nKXYT2oUQRTA4RbMRAwEjxBygtS/V692AQ8ig7jTLJxTeQ5zsAxxgmEQDHwNj6KK/jW9+FZ1vW3bfdm23XH9cJx325/n4tX+8bReHefr9/3h8OVh/+Pb4fm96+Pk9rd//4/+4tV3P532n/c/bwr2FfuGfcd+YB/YT+wT+/XGfnfW7059ucO+YF+xb9h37Af2gf3EPrFf1lf0V9FfRX8V/VX0V9FfRX8V/VX0V9FfQ38N/TX019BfQ38N/TX019BfQ38N/XX019FfR38d/XX019FfR38d/XX019HfQH8D/Q30N9DfQH8D/Q30N9DfQH8D/QX6C/QX6C/QX6C/QH+B/gL9BfoL9DfR30R/E/1N9DfR30R/E/1N9DfR30R/if4S/SX6S/SX6C/RX6K/RH+J/hL9LfS30N9Cfwv9LfS30N9Cf+vk7/4//cez/uqlz5vb379un8/pP97o8PKsv9xe7qHvsC/YV+wb9h37gX1gP7FP7Jf1Bf0V9FfQX0F/Bf0V9FfQX0F/Bf0V9FfRX0V/Ff1V9FfRX0V/Ff1V9FfRX0V/Df019NfQX0N/Df019NfQX0N/Df019NfRX0d/Hf119NfRX0d/Hf119NfRX0d/A/0N9DfQ30B/A/0N9DfQ30B/A/0N9BfoL9BfoL9Af4H+Av0F+gv0F+gv0N9EfxP9TfQ30d9EfxP9TfQ30d9EfxP9JfpL9JfoL9Ffor9Ef4n+Ev0l+kv0t9DfQn8L/S30t9DfQn8rtidRQbtw'
const TRAIN = 'TUFUTEFCIDUuMCBNQVQtZmlsZSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAAAAAAAAAAAAABSU0PAAAAcwAAAHic42NgYJBgZGBgA9IcQMzEAAGsUD4jEuYG4sS8vPySxJLM/LxiqDoWsF6QvBAQp+Ul5qYyJOckFhczlKQWl0CNY+ADYgcGhD0sWOzhhNIgIADlGwCBoV5WQTqSOQZI5nDicS8D2D+MYD+Row8EABfmDsM='
const TEST = 'TUFUTEFCIDUuMCBNQVQtZmlsZSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAAAAAAAAAAAAABSU0PAAAAcwAAAHic42NgYJBgZGBgA9IcQMzEAAGsUD4jEuYG4sS8vPySxJLM/LxiqDoWsF6QvBAQp+Ul5qYyJOckFhczlKQWl0CNY+ADYgcGhD0sWOzhhNIgIADlGwCBoV5WQTqSOQZI5nDicS8D2D+MDNPJ1AcCADrSD1g='
const META = 'TUFUTEFCIDUuMCBNQVQtZmlsZSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAAAAAAAAAAAAABSU0PAAAAOwIAAHicpdhPahRBFMDhFsxEDASPEHKC1L9Xr3YBDyKDuNMsnFN5DnOwDHGCYRAMfA2Poor+Nb34VnW9bdt92bbdcf1wnHfbn+fi1f7xtF4d5+v3/eHw5WH/49vh+b3r4+T2t3//j/7i1Xc/nfaf9z9vCvYV+4Z9x35gH9hP7BP79cZ+d9bvTn25w75gX7Fv2HfsB/aB/cQ+sV/WV/RX0V9FfxX9VfRX0V9FfxX9VfRX0V9Dfw39NfTX0F9Dfw39NfTX0F9Dfw39dfTX0V9Hfx39dfTX0V9Hfx39dfTX0d9AfwP9DfQ30N9AfwP9DfQ30N9AfwP9BfoL9BfoL9BfoL9Af4H+Av0F+gv0N9HfRH8T/U30N9HfRH8T/U30N9HfRH+J/hL9JfpL9JfoL9Ffor9Ef4n+Ev0t9LfQ30J/C/0t9LfQ30J/6+Tv/j/9x7P+6qXPm9vfv26fz+k/3ujw8qy/3F7uoe+wL9hX7Bv2HfuBfWA/sU/sl/UF/RX0V9BfQX8F/RX0V9BfQX8F/RX0V9FfRX8V/VX0V9FfRX8V/VX0V9FfRX8N/TX019BfQ38N/TX019BfQ38N/TX019FfR38d/XX019FfR38d/XX019FfR38D/Q30N9DfQH8D/Q30N9DfQH8D/Q30F+gv0F+gv0B/gf4C/QX6C/QX6C/Q30R/E/1N9DfR30R/E/1N9DfR30R/E/0l+kv0l+gv0V+iv0R/if4S/SX6S/S30N9Cfwv9LfS30N9Cfyu2J1FBu3A='

describe('cars196', () => {
  it('reads the layout of one list', async () => {
    const root = await archive({ 'cars_annos.mat': bytes(ALL) }, ['car_ims/000001.jpg', 'car_ims/000002.jpg', 'car_ims/000003.jpg'])
    const { train, test } = await cars196({ root, imageSize: 4, partial: true })
    expect([train, test].map(({ labels }) => [...labels])).toEqual([[0, 97], [97]])
    expect([train.classNames[0], train.classNames[97], test.classNames[97]]).toEqual(['Car 1', 'Car 98 "é"', 'Car 196'])
    expect([...(await test.load(Int32Array.of(0))).values.slice(0, 3)]).toEqual([20, 0, 0])
    await expect(cars196({ root, imageSize: 4 })).rejects.toThrow(`cars196: wanted 16185 images in ${root}, got 3.`)
  })

  it('reads the layout of two lists', async () => {
    const root = await archive(
      { 'devkit/cars_train_annos.mat': bytes(TRAIN), 'devkit/cars_meta.mat': bytes(META), 'cars_test_annos_withlabels.mat': bytes(TEST) },
      ['cars_train/00001.jpg', 'cars_test/00001.jpg'],
    )
    const { train, test } = await cars196({ root, imageSize: 4, partial: true })
    expect([[...train.labels], [...test.labels]]).toEqual([[1], [52]])
    expect([...(await test.load(Int32Array.of(0))).values.slice(0, 3)]).toEqual([10, 0, 0])
  })

  it('says what is wrong with a list', async () => {
    const other = await archive({ 'cars_annos.mat': 'no list' }, ['car_ims/000001.jpg'])
    await expect(cars196({ root: other, imageSize: 4 })).rejects.toThrow('got no MAT-file of level 5, little endian')
    const cut = await archive({ 'cars_annos.mat': bytes(ALL).subarray(0, 300) }, ['car_ims/000001.jpg'])
    await expect(cars196({ root: cut, imageSize: 4 })).rejects.toThrow('got a MAT-file that is cut off')
    const names = await archive({ 'cars_annos.mat': bytes(META) }, ['car_ims/000001.jpg'])
    await expect(cars196({ root: names, imageSize: 4 })).rejects.toThrow('wanted annotations of')
    await expect(cars196({ root: `${names}/car_ims`, imageSize: 4 })).rejects.toThrow('got none of them')
  })
})
