// hardest-pairs.h, compiled for processors with AVX2 and for all others.

#include "hardest-pairs-of.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "worker-pool.h"

namespace metric_learning {

// Vectors as compilers have them; where a processor's registers are shorter, several stand for one.
typedef float Floats __attribute__((vector_size(32)));
typedef int32_t Integers __attribute__((vector_size(32)));
typedef double Doubles __attribute__((vector_size(32)));
typedef int32_t FourIntegers __attribute__((vector_size(16)));

/** Integers of 16 bits, zeros at first, that begin where a vector may. */
class AlignedIntegers {
public:
  explicit AlignedIntegers(int64_t count) : memory(count + 32) {}
  int16_t *data() { return reinterpret_cast<int16_t *>((reinterpret_cast<uintptr_t>(memory.data()) + 63) & ~uintptr_t(63)); }
  const int16_t *data() const { return const_cast<AlignedIntegers *>(this)->data(); }

private:
  std::vector<int16_t> memory;
};

namespace any_processor {
#define METRIC_LEARNING_AVX2 0
#include "panels.h"

#include "hardest-pairs.h"
#undef METRIC_LEARNING_AVX2
} // namespace any_processor

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif
namespace with_avx2 {
#define METRIC_LEARNING_AVX2 1
#include "panels.h"

#include "hardest-pairs.h"
#undef METRIC_LEARNING_AVX2
} // namespace with_avx2
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

void findHardestPairs(const PairsOf &pairs, const HardestOf &hardest, bool plainly) {
#if defined(__x86_64__)
  if (!plainly && __builtin_cpu_supports("avx2")) return with_avx2::HardestPairs(pairs, hardest).find();
#endif
  any_processor::HardestPairs(pairs, hardest).find();
}

} // namespace metric_learning
