/** Gives one sample as an encoded picture (PNG, JPEG, …), such as `(row) => samplePng(dataset, row)` of the datasets package. */
export type ImageSource = (row: number) => Promise<Uint8Array>
