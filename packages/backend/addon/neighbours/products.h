// Blocked products of rows, in float32 or float64, for vectors of 16, 32 or 64 bytes.
//
// A block of rows is packed in strips of so many rows as there are registers for, columns one after the other; so is a piece of other rows,
// in groups of two vectors. The product of a strip and a group stays in registers from the first column to the last.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#define FORCED_INLINE inline __attribute__((always_inline))

namespace neighbours {

/** What the processor has: bytes of a vector, and rows of a strip that its registers hold. */
struct VectorUnit {
  int bytes;
  int stripRows;
};

#if defined(__x86_64__)
#define EACH_UNIT(DO) DO(16, 6, ) DO(32, 6, __attribute__((target("avx2,fma")))) DO(64, 12, __attribute__((target("avx512f,avx512vl,avx512dq,fma"))))
inline VectorUnit vectorUnit() {
  static const int bytes = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") ? 64
                           : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 32
                                                                                              : 16;
  return {bytes, bytes == 64 ? 12 : 6};
}
#else
#define EACH_UNIT(DO) DO(16, 6, )
inline VectorUnit vectorUnit() { return {16, 6}; }
#endif

/** Rows of a block: whole strips of every unit. */
constexpr int BLOCK_ROWS = 96;
/** Columns that are summed in one go; their sums are added to the others, so that the error of a long row is that of a short one. */
constexpr int CHUNK = 128;

template <typename T>
constexpr int groupColumns(int bytes) {
  return 2 * bytes / static_cast<int>(sizeof(T));
}

/** Memory at the edge of lines of the cache; only grows. */
template <typename T>
class Aligned {
 public:
  T *room(size_t count) {
    if (memory_.size() < count + 64 / sizeof(T)) memory_.resize(count + 64 / sizeof(T));
    return at();
  }
  T *at() { return reinterpret_cast<T *>((reinterpret_cast<uintptr_t>(memory_.data()) + 63) & ~static_cast<uintptr_t>(63)); }

 private:
  std::vector<T> memory_;
};

/** The next multiple of a width. */
inline size_t roundedUp(size_t count, size_t width) { return (count + width - 1) / width * width; }

/** A row that is multiplied: float32 values, in float64 scale · (value · inverse - centre). */
struct Rows {
  const float *values;
  size_t rows;
  size_t dim;
  /** Of each row; null where all are 1. */
  const double *inverse;
  const double *centre;
  double scale;

  void ready(size_t row, double *into) const { ready(row, 0, dim, into); }

  /** So many columns of it. */
  template <typename T>
  FORCED_INLINE void ready(size_t row, size_t from, size_t count, T *into) const {
    const float *at = values + row * dim + from;
    const double *middle = centre + from;
    const double by = inverse ? inverse[row] : 1;
    for (size_t i = 0; i < count; i++) into[i] = static_cast<T>((at[i] * by - middle[i]) * scale);
  }
};

template <typename T>
FORCED_INLINE void packWith(const Rows &rows, size_t first, size_t count, int width, T *into) {
  // So many columns of all rows of a strip stay in the first cache, on both sides.
  constexpr size_t SOME = 16;
  const size_t dim = rows.dim;
  for (size_t strip = 0; strip < count; strip += width) {
    T *to = into + strip * dim;
    for (size_t from = 0; from < dim; from += SOME) {
      const size_t some = std::min(SOME, dim - from);
      for (size_t lane = 0; lane < static_cast<size_t>(width); lane++) {
        T part[SOME] = {};
        if (strip + lane < count) {
          if (some == SOME) rows.ready(first + strip + lane, from, SOME, part);
          else rows.ready(first + strip + lane, from, some, part);
        }
        T *at = to + from * width + lane;
        for (size_t i = 0; i < some; i++) at[i * width] = part[i];
      }
    }
  }
}

#define PACK(BYTES, ROWS, TARGET) \
  template <typename T> \
  TARGET inline void pack##BYTES(const Rows &rows, size_t first, size_t count, int width, T *into) { packWith(rows, first, count, width, into); }
EACH_UNIT(PACK)
#undef PACK

/** Packs rows in strips of a width, zeros in the last one after its rows: [strips][dim][width]. */
template <typename T>
void pack(const Rows &rows, size_t first, size_t count, int width, T *into) {
#define TAKE(BYTES, ROWS, TARGET) \
  if (vectorUnit().bytes == BYTES) return pack##BYTES(rows, first, count, width, into);
  EACH_UNIT(TAKE)
#undef TAKE
}

template <typename T, int BYTES>
struct VectorOf {
  typedef T type __attribute__((vector_size(BYTES)));
};

/** Vectors are compared in pieces of so many bytes: those of 64 GCC 12 compares number by number. */
constexpr int pieceBytes(int bytes) { return bytes < 32 ? bytes : 32; }

template <typename Piece>
FORCED_INLINE Piece pieceOf(const void *from, size_t number) {
  Piece piece;
  std::memcpy(&piece, static_cast<const char *>(from) + number * sizeof(Piece), sizeof(Piece));
  return piece;
}

/** Adds the products of a strip of rows and a group of two vectors of other rows to sums. */
template <typename T, int BYTES, int ROWS>
FORCED_INLINE void multiply(const T *strip, const T *group, size_t dim, typename VectorOf<T, BYTES>::type (&sums)[ROWS][2]) {
  using Vector = typename VectorOf<T, BYTES>::type;
  for (size_t from = 0; from < dim; from += CHUNK) {
    Vector part[ROWS][2];
#pragma GCC unroll 16
    for (int i = 0; i < ROWS; i++) part[i][0] = part[i][1] = Vector{};
    const size_t to = std::min(dim, from + CHUNK);
    for (size_t at = from; at < to; at++) {
      const Vector *right = reinterpret_cast<const Vector *>(group) + 2 * at;
      const Vector a = right[0], b = right[1];
#pragma GCC unroll 16
      for (int i = 0; i < ROWS; i++) {
        const T left = strip[at * ROWS + i];
        part[i][0] += left * a;
        part[i][1] += left * b;
      }
    }
#pragma GCC unroll 16
    for (int i = 0; i < ROWS; i++) {
      sums[i][0] += part[i][0];
      sums[i][1] += part[i][1];
    }
  }
}

}  // namespace neighbours
