// Products of rows of 16-bit integers, 4 rows with 16 at a time. Integers, since a processor multiplies twice as many of them as of
// floats, and their sums have no rounding.
//
// Included once for each kind of processor, within a namespace of its own.

/** Rows of a left and of a right panel. Within a panel two columns of each row lie side by side, then the next two. */
constexpr int leftRows = 4;
constexpr int rightRows = 16;

#if METRIC_LEARNING_AVX2
inline bool isAny(Integers flags) { return _mm256_movemask_ps(reinterpret_cast<__m256>(flags)) != 0; }

inline void panelProduct(int pairs, const int16_t *left, const int16_t *right, int32_t *products) {
  __m256i sums[leftRows][2];
  for (int i = 0; i < leftRows; i++) sums[i][0] = sums[i][1] = _mm256_setzero_si256();
#pragma GCC unroll 2
  for (int pair = 0; pair < pairs; pair++, left += 2 * leftRows, right += 2 * rightRows) {
    const __m256i first = _mm256_load_si256(reinterpret_cast<const __m256i *>(right));
    const __m256i second = _mm256_load_si256(reinterpret_cast<const __m256i *>(right + rightRows));
#pragma GCC unroll 4
    for (int i = 0; i < leftRows; i++) {
      int32_t both;
      std::memcpy(&both, left + 2 * i, sizeof both);
      const __m256i value = _mm256_set1_epi32(both);
      sums[i][0] = _mm256_add_epi32(sums[i][0], _mm256_madd_epi16(value, first));
      sums[i][1] = _mm256_add_epi32(sums[i][1], _mm256_madd_epi16(value, second));
    }
  }
  for (int i = 0; i < leftRows; i++) {
    _mm256_store_si256(reinterpret_cast<__m256i *>(products + i * rightRows), sums[i][0]);
    _mm256_store_si256(reinterpret_cast<__m256i *>(products + i * rightRows + rightRows / 2), sums[i][1]);
  }
}
#else
inline bool isAny(Integers flags) {
  int32_t any = 0;
  for (size_t lane = 0; lane < sizeof flags / sizeof any; lane++) any |= flags[lane];
  return any != 0;
}

inline void panelProduct(int pairs, const int16_t *left, const int16_t *right, int32_t *products) {
  typedef int32_t Four __attribute__((vector_size(16)));
  typedef int16_t Eight __attribute__((vector_size(16)));
  // By four rows of the right panel: even columns lie in the lower halves of their numbers, odd ones in the upper.
  for (int at = 0; at < rightRows; at += 4) {
    Four sums[leftRows] = {};
    for (int pair = 0; pair < pairs; pair++) {
      Eight both;
      std::memcpy(&both, right + int64_t(pair) * 2 * rightRows + 2 * at, sizeof both);
      const Four odd = reinterpret_cast<Four>(both) >> 16, even = reinterpret_cast<Four>(both) << 16 >> 16;
      for (int i = 0; i < leftRows; i++) {
        const int16_t *value = left + int64_t(pair) * 2 * leftRows + 2 * i;
        sums[i] += even * int32_t(value[0]) + odd * int32_t(value[1]);
      }
    }
    for (int i = 0; i < leftRows; i++) std::memcpy(products + i * rightRows + at, &sums[i], sizeof sums[i]);
  }
}
#endif
