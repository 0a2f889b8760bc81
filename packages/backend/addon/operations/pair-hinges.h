// What pairs of rows cost beyond margins, by label, added up, and the gradient of that, without a matrix of distances.
//
// Products of rows in floats, a strip of rows with a group of columns at a time, decide which pairs may cost anything; these alone are
// looked at one by one. Distances that are small beside the rows are worked out from differences. Rows and columns are shared out by their
// number alone, and shares are added up in order: results do not depend on threads or the processor.
//
// Included once for each kind of processor, within a namespace of its own, after rows.h.

class PairHinges {
public:
  /** @param ofReferences that the gradient is that of the references: these are the rows then, and anchors the columns */
  PairHinges(const PairsOf &pairs, const HingeMargins &margins, bool ofReferences)
      : rows(ofReferences ? pairs.references : pairs.anchors), columns(ofReferences ? pairs.anchors : pairs.references),
        rowLabels(ofReferences ? pairs.referenceLabels : pairs.anchorLabels), columnLabels(ofReferences ? pairs.anchorLabels : pairs.referenceLabels),
        ownColumns(ofReferences ? nullptr : pairs.ownRows), ownRows(ofReferences ? pairs.ownRows : nullptr),
        isRowFilled(ofReferences ? pairs.isFilled : nullptr), isColumnFilled(ofReferences ? nullptr : pairs.isFilled),
        n(ofReferences ? pairs.m : pairs.n), m(ofReferences ? pairs.n : pairs.m), dim(pairs.dim), normalized(pairs.normalized), byProduct(pairs.byProduct),
        margins(margins), pool(WorkerPool::shared()), strips((n + stripRows - 1) / stripRows), rowBlocks((n + blockRows - 1) / blockRows),
        shares(std::max(1, std::min((m + leastColumns - 1) / leastColumns, (mostTasks + rowBlocks - 1) / std::max(1, rowBlocks)))) {}

  /** @param isOneSet that what comes back to columns comes back to the same rows, by the same labels */
  void find(const HingesOf &into, bool isOneSet) {
    prepareRows();
    const bool withGradient = into.gradients != nullptr;
    std::vector<Sums> sums(rowBlocks * shares);
    std::vector<std::unique_ptr<Thread>> states(pool.threads());
    if (withGradient) {
      along.reset(new Along[int64_t(shares) * n]());
      // Pages of zeros that the system gives only once they are written to. Of no number there may be no memory.
      added.reset(static_cast<float *>(std::calloc(std::max<int64_t>(1, int64_t(shares) * 2 * n * dim), sizeof(float))));
      if (!added) throw std::bad_alloc();
    }
    pool.run(rowBlocks * shares, [&](int task, int thread) {
      if (!states[thread]) states[thread] = std::make_unique<Thread>(dim);
      sums[task] = compare(task / shares, task % shares, withGradient, *states[thread]);
    });
    Sums all;
    for (const Sums &each : sums) {
      for (int kind = 0; kind < 2; kind++) {
        all.cost[kind] += each.cost[kind];
        all.count[kind] += each.count[kind];
      }
    }
    for (int kind = 0; kind < 2; kind++) {
      into.sums[2 * kind] = float(all.cost[kind]);
      into.sums[2 * kind + 1] = float(all.count[kind]);
    }
    if (!withGradient) return;
    const int share = 32;
    pool.run((n + share - 1) / share, [&](int task, int) {
      for (int i = task * share; i < std::min(n, (task + 1) * share); i++) {
        for (int kind = 0; kind < 2; kind++) finish(i, kind, isOneSet ? 2 : 1, into.gradients + (int64_t(kind) * n + i) * dim);
      }
    });
  }

private:
  static constexpr int stripRows = 6, groupColumns = 16, lanes = sizeof(Floats) / sizeof(float);
  static constexpr int blockRows = 40 * stripRows, blockColumns = 6 * groupColumns;
  /** Tasks that there are at least where there are columns enough, and columns that are worth a task. */
  static constexpr int mostTasks = 8, leastColumns = 2 * blockColumns;
  /** Columns of rows whose products are summed in one go, so that the error of a long row is that of a short one. */
  static constexpr int chunk = 128;
  /** Squared distances below this share of the squared norms are worked out from differences, and below the other are 0. */
  static constexpr float nearShare = 1.25e-2f, equalShare = 1e-14f;
  /** How far a squared distance or a product may be off, as a share of the squared norms. */
  static constexpr float slack = 1e-5f;

  struct Sums {
    double cost[2] = {0, 0};
    int64_t count[2] = {0, 0};
  };

  /** Of a row, what it is multiplied by in the gradient of each kind. */
  struct Along {
    float of[2];
  };

  /** What a strip of rows has of one kind in a block of columns. */
  struct Strip {
    Floats cost[stripRows] = {}, along[stripRows] = {};
    Integers count[stripRows] = {};
    /** What each column is multiplied by in the gradient of each row, and how many are not 0. */
    float weights[blockColumns][stripRows] = {};
    int weighed = 0;
  };

  struct Thread {
    std::vector<float> memory, nothing;
    /** Columns in groups, in each one number of every column after the other. */
    float *groups;
    alignas(64) float terms[blockColumns], squares[blockColumns], inverses[blockColumns];
    alignas(64) int32_t labels[blockColumns], isThere[blockColumns], ownRows[blockColumns];
    const float *columns[blockColumns];
    Strip strips[2];
    explicit Thread(int dim) : memory(int64_t(blockColumns) * dim + 16), nothing(dim), groups(aligned(memory.data())) {}
  };

  struct Freed {
    void operator()(float *memory) const { std::free(memory); }
  };

  static float *aligned(float *memory) { return reinterpret_cast<float *>((reinterpret_cast<uintptr_t>(memory) + 63) & ~uintptr_t(63)); }

  const float *row(int64_t i) const { return ready.data() + i * dim; }
  const float *column(int64_t j) const { return columns + j * dim; }

  void prepareRows() {
    ready.resize(int64_t(n) * dim);
    packed.resize(int64_t(strips) * stripRows * dim);
    inverses.resize(n);
    squares.resize(n);
    const int share = 8;
    pool.run((strips + share - 1) / share, [&](int task, int) {
      for (int i = task * share * stripRows; i < std::min(n, (task + 1) * share * stripRows); i++) {
        const float *from = rows + int64_t(i) * dim;
        const float inverse = inverses[i] = inverseNorm(from, dim, normalized);
        float *to = ready.data() + int64_t(i) * dim, *strip = packed.data() + int64_t(i / stripRows) * stripRows * dim + i % stripRows;
        for (int k = 0; k < dim; k++) strip[int64_t(k) * stripRows] = to[k] = from[k] * inverse;
        squares[i] = productOf(to, to, dim);
      }
    });
  }

  /** Puts columns into groups; in place of those that are not there zeros, which nobody looks at. */
  void prepareColumns(int start, int count, Thread &thread) const {
    const int padded = (count + groupColumns - 1) / groupColumns * groupColumns;
    for (int place = 0; place < padded; place++) {
      const int j = start + place;
      const bool isThere = place < count && !(isColumnFilled && !(isColumnFilled[j] > 0));
      const float *from = thread.columns[place] = isThere ? column(j) : thread.nothing.data();
      const float inverse = thread.inverses[place] = isThere ? inverseNorm(from, dim, normalized) : 0;
      float *to = thread.groups + int64_t(place / groupColumns) * groupColumns * dim + place % groupColumns;
      for (int k = 0; k < dim; k++) to[int64_t(k) * groupColumns] = from[k] * inverse;
      thread.squares[place] = productOf(from, from, dim) * inverse * inverse;
      thread.terms[place] = termOf(thread.squares[place]);
      thread.labels[place] = isThere ? columnLabels[j] : 0;
      thread.isThere[place] = isThere ? -1 : 0;
      thread.ownRows[place] = isThere && ownRows ? ownRows[j] : -1;
    }
  }

  /** What a row or a column adds to how far a pair is at least. */
  float termOf(float square) const { return byProduct ? -square * slack : square * (1 - slack); }

  /** A block of rows with a share of the columns. */
  Sums compare(int rowBlock, int share, bool withGradient, Thread &thread) {
    Sums sums;
    const int64_t blocks = (m + blockColumns - 1) / blockColumns;
    const int from = int(blocks * share / shares) * blockColumns, to = std::min<int64_t>(m, blocks * (share + 1) / shares * blockColumns);
    const int firstStrip = rowBlock * (blockRows / stripRows), lastStrip = std::min(strips, firstStrip + blockRows / stripRows);
    // How far a negative pair is at most that may cost something: squared, or minus a product.
    const float limit = byProduct ? -margins.negative : margins.negative > 0 ? margins.negative * margins.negative * (1 + slack) : -std::numeric_limits<float>::infinity();
    const float factor = byProduct ? -1 : -2;
    for (int start = from; start < to; start += blockColumns) {
      const int count = std::min(to - start, blockColumns);
      prepareColumns(start, count, thread);
      for (int strip = firstStrip; strip < lastStrip; strip++) {
        const int first = strip * stripRows, held = std::min(stripRows, n - first);
        for (int group = 0; group < count; group += groupColumns) {
          alignas(32) Floats products[stripRows][2];
          multiply(packed.data() + int64_t(first) * dim, thread.groups + int64_t(group) * dim, products);
          for (int r = 0; r < held; r++) {
            if (isRowFilled && !(isRowFilled[first + r] > 0)) continue;
            const Floats term = Floats{} + termOf(squares[first + r]);
            const Integers label = Integers{} + rowLabels[first + r];
            for (int half = 0; half < 2; half++) {
              const int place = group + half * lanes;
              const Floats least = products[r][half] * factor + term + at(thread.terms + place);
              const Integers isSame = at(thread.labels + place) == label;
              const Integers isAsked = (isSame | ~(least >= limit)) & at(thread.isThere + place);
              if (isAny(isAsked)) look(first + r, r, start, place, products[r][half], isSame, isAsked, share, withGradient, thread);
            }
          }
        }
        for (int kind = 0; kind < 2; kind++) take(thread.strips[kind], kind, first, held, count, share, withGradient, sums, thread);
      }
    }
    return sums;
  }

  /** The products of a strip of rows and a group of columns. */
  void multiply(const float *strip, const float *group, Floats (&products)[stripRows][2]) const {
    for (int r = 0; r < stripRows; r++) products[r][0] = products[r][1] = Floats{};
    for (int from = 0; from < dim; from += chunk) {
      Floats sums[stripRows][2] = {};
      for (int k = from; k < std::min(dim, from + chunk); k++) {
        const Floats first = *reinterpret_cast<const Floats *>(group + int64_t(k) * groupColumns);
        const Floats second = *reinterpret_cast<const Floats *>(group + int64_t(k) * groupColumns + lanes);
#pragma GCC unroll 6
        for (int r = 0; r < stripRows; r++) {
          const float value = strip[int64_t(k) * stripRows + r];
          sums[r][0] += first * value;
          sums[r][1] += second * value;
        }
      }
      for (int r = 0; r < stripRows; r++) {
        products[r][0] += sums[r][0];
        products[r][1] += sums[r][1];
      }
    }
  }

  static Floats at(const float *values) { return *reinterpret_cast<const Floats *>(values); }
  static Integers at(const int32_t *values) { return *reinterpret_cast<const Integers *>(values); }

  /** A row and some columns, of which some pairs may cost something. */
  void look(int i, int r, int start, int place, const Floats &products, const Integers &isSame, Integers isAsked, int share, bool withGradient, Thread &thread) const {
    const Integers lane = {0, 1, 2, 3, 4, 5, 6, 7};
    if (ownColumns) isAsked &= ~(isSame & (lane == ownColumns[i] - start - place));
    if (ownRows) isAsked &= ~(isSame & (at(thread.ownRows + place) == i));
    Floats apart = products;
    Integers isNear = {};
    if (!byProduct) {
      const Floats others = at(thread.squares + place), own = Floats{} + squares[i];
      Floats square = own + others - products * 2;
      isNear = isAsked & (square <= (own > others ? own : others) * nearShare);
      if (isAny(isNear)) {
        for (int c = 0; c < lanes; c++) {
          if (!isNear[c]) continue;
          const float exact = squaredDistance(row(i), thread.columns[place + c], thread.inverses[place + c], dim);
          square[c] = exact <= equalShare * squares[i] ? 0 : exact;
        }
      }
      apart = rootOf(square);
    }
    const Integers isBeyond = byProduct ? ~isSame : isSame;
    const Floats cost = (apart - (isSame ? Floats{} + margins.positive : Floats{} + margins.negative)) * (isBeyond ? Floats{} + 1 : Floats{} - 1);
    // What is no number counts.
    const Integers isActive = isAsked & ~(cost <= 0);
    if (!isAny(isActive)) return;
    const Floats none = {};
    const Floats slope = byProduct ? (isBeyond ? none + 1 : none - 1) : apart == 0 ? none : (isBeyond ? none + 1 : none - 1) / apart;
    for (int kind = 0; kind < 2; kind++) {
      const Integers isOf = isActive & (kind == 0 ? isSame : ~isSame);
      if (!isAny(isOf)) continue;
      Strip &strip = thread.strips[kind];
      strip.cost[r] += isOf ? cost : none;
      strip.count[r] -= isOf;
      if (!withGradient) continue;
      // Of near ones the difference itself is added: it is small beside what it is made of.
      for (int c = 0; c < lanes; c++) {
        if (!isOf[c]) continue;
        if (isNear[c]) {
          if (slope[c] != 0) addDifference(row(i), thread.columns[place + c], thread.inverses[place + c], slope[c], dim, addedTo(share, kind, i));
          continue;
        }
        strip.weights[place + c][r] = (byProduct ? slope[c] : -slope[c]) * thread.inverses[place + c];
        strip.weighed++;
      }
      if (!byProduct) strip.along[r] += isOf & ~isNear ? slope : none;
    }
  }

#if METRIC_LEARNING_AVX2
  static Floats rootOf(const Floats &squares) { return reinterpret_cast<Floats>(_mm256_sqrt_ps(reinterpret_cast<__m256>(squares))); }
#else
  static Floats rootOf(Floats squares) {
    for (int c = 0; c < lanes; c++) squares[c] = std::sqrt(squares[c]);
    return squares;
  }
#endif

  float *addedTo(int share, int kind, int i) const { return added.get() + ((int64_t(share) * 2 + kind) * n + i) * dim; }

  /** Adds up what a strip of rows has in a block of columns, and leaves nothing there. */
  void take(Strip &strip, int kind, int first, int held, int count, int share, bool withGradient, Sums &sums, Thread &thread) const {
    for (int r = 0; r < held; r++) {
      if (!isAny(strip.count[r] != 0)) continue;
      sums.cost[kind] += sumOf(strip.cost[r]);
      for (int c = 0; c < lanes; c++) sums.count[kind] += strip.count[r][c];
      if (withGradient) along[int64_t(share) * n + first + r].of[kind] += sumOf(strip.along[r]);
      strip.cost[r] = strip.along[r] = Floats{};
      strip.count[r] = Integers{};
    }
    if (strip.weighed == 0) return;
    // With a weight for each column, on average, those without one are not worth to be left out.
    if (strip.weighed >= count) addAll(strip, kind, first, held, count, share, thread);
    else addFew(strip, kind, first, held, count, share, thread);
    std::memset(strip.weights, 0, sizeof strip.weights);
    strip.weighed = 0;
  }

  /** Adds columns by their weights: of each row those that have one. */
  void addFew(const Strip &strip, int kind, int first, int held, int count, int share, Thread &thread) const {
    for (int j = 0; j < count; j++) {
      for (int r = 0; r < held; r++) {
        const float weight = strip.weights[j][r];
        if (weight == 0) continue;
        const float *from = thread.columns[j];
        float *__restrict to = addedTo(share, kind, first + r);
        for (int k = 0; k < dim; k++) to[k] += weight * from[k];
      }
    }
  }

  /** The same as a product of matrices. */
  void addAll(const Strip &strip, int kind, int first, int held, int count, int share, Thread &thread) const {
    int k = 0;
    for (; k + groupColumns <= dim; k += groupColumns) {
      Floats sums[stripRows][2] = {};
      for (int j = 0; j < count; j++) {
        const Floats one = eightAt(thread.columns[j] + k), two = eightAt(thread.columns[j] + k + lanes);
#pragma GCC unroll 6
        for (int r = 0; r < stripRows; r++) {
          sums[r][0] += one * strip.weights[j][r];
          sums[r][1] += two * strip.weights[j][r];
        }
      }
      for (int r = 0; r < held; r++) {
        float *to = addedTo(share, kind, first + r) + k;
        for (int c = 0; c < groupColumns; c++) to[c] += sums[r][c / lanes][c % lanes];
      }
    }
    for (; k < dim; k++) {
      for (int r = 0; r < held; r++) {
        float sum = 0;
        for (int j = 0; j < count; j++) sum += strip.weights[j][r] * thread.columns[j][k];
        addedTo(share, kind, first + r)[k] += sum;
      }
    }
  }

  /** The gradient of a row, of all shares. */
  void finish(int i, int kind, float times, float *to) const {
    float weight = 0;
    for (int share = 0; share < shares; share++) weight += along[int64_t(share) * n + i].of[kind];
    for (int k = 0; k < dim; k++) {
      float sum = weight * row(i)[k];
      for (int share = 0; share < shares; share++) sum += addedTo(share, kind, i)[k];
      to[k] = sum * times;
    }
    if (!normalized) return;
    // Of rows that are divided by their norm what lies along them is lost; one without a direction has none to turn.
    const float lost = productOf(to, row(i), dim), scale = inverses[i] < 1e12f ? inverses[i] : 0;
    for (int k = 0; k < dim; k++) to[k] = (to[k] - lost * row(i)[k]) * scale;
  }

  const float *const rows;
  const float *const columns;
  const int32_t *const rowLabels;
  const int32_t *const columnLabels;
  /** The column that each row is, or the row that each column is: no positive pair. */
  const int32_t *const ownColumns;
  const int32_t *const ownRows;
  const float *const isRowFilled;
  const float *const isColumnFilled;
  const int n, m, dim;
  const bool normalized, byProduct;
  const HingeMargins margins;
  WorkerPool &pool;
  const int strips, rowBlocks, shares;
  /** Rows as they are compared, one by one and in strips; what they were multiplied by, and their squared norms. */
  std::vector<float> ready, packed, inverses, squares;
  /** Of each share of the columns: [n], and [2, n, dim]. */
  std::unique_ptr<Along[]> along;
  std::unique_ptr<float[], Freed> added;
};
