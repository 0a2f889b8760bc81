declare module 'jstat' {
  interface StudentT {
    inv(probability: number, degreesOfFreedom: number): number
    cdf(value: number, degreesOfFreedom: number): number
  }
  const jstat: { readonly studentt: StudentT }
  export default jstat
}
