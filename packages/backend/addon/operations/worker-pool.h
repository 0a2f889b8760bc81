// Threads that share out the tasks of one call: as many as TensorFlow has for the inside of an operation.

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace metric_learning {

class WorkerPool {
public:
  /** The pool of this process. It is never taken down: at the end of a process its threads wait. */
  static WorkerPool &shared() {
    static WorkerPool *pool = new WorkerPool(wantedThreads());
    return *pool;
  }

  int threads() const { return workers + 1; }

  /**
   * Runs task(i, thread) for all i below `count`, in ascending order of their beginning, thread in [0, threads()). Nobody waits for a thread
   * that has not begun: where the processor is busy otherwise the caller does most of it, and all where another call is under way.
   * What a task throws first is thrown here, after all that have begun are finished; others are left out.
   */
  void run(int count, const std::function<void(int task, int thread)> &task) {
    std::unique_lock<std::mutex> mine(callers, std::try_to_lock);
    if (!mine.owns_lock() || workers == 0 || count < 2) {
      for (int i = 0; i < count; i++) task(i, 0);
      return;
    }
    const auto job = std::make_shared<Job>(task, count);
    {
      std::lock_guard<std::mutex> lock(state);
      current = job;
      turn.fetch_add(1);
    }
    start.notify_all();
    job->take(0);
    const auto isDone = [&] { return job->finished.load() == count; };
    if (!comesSoon(isDone)) {
      std::unique_lock<std::mutex> lock(state);
      done.wait(lock, isDone);
    }
    if (job->failure) std::rethrow_exception(job->failure);
  }

private:
  struct Job {
    /** Of a caller who waits until all tasks are finished; not looked at by who finds none left. */
    const std::function<void(int, int)> &task;
    const int count;
    std::atomic<int> next{0}, finished{0};
    std::atomic<bool> isFailing{false};
    /** What a task threw first: written by its thread, read by the caller once all are finished. */
    std::exception_ptr failure;

    Job(const std::function<void(int, int)> &task, int count) : task(task), count(count) {}

    /** Whether it finished the last one. */
    bool take(int thread) {
      bool isLast = false;
      for (int i = next.fetch_add(1); i < count; i = next.fetch_add(1)) {
        try {
          if (!isFailing.load()) task(i, thread);
        } catch (...) {
          if (!isFailing.exchange(true)) failure = std::current_exception();
        }
        isLast = finished.fetch_add(1) + 1 == count;
      }
      return isLast;
    }
  };

  explicit WorkerPool(int threads) : workers(threads - 1) {
    for (int thread = 1; thread < threads; thread++) std::thread([this, thread] { work(thread); }).detach();
  }

  static int wantedThreads() {
    const char *asked = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int given = asked ? std::atoi(asked) : 0;
    const int all = static_cast<int>(std::thread::hardware_concurrency());
    return given > 0 ? given : all > 0 ? all : 1;
  }

  /** Looks for a while whether something holds, before a thread is put to sleep: to wake it takes longer than most phases of an operation. */
  template <typename Holds> static bool comesSoon(const Holds &holds) {
    const auto start = std::chrono::steady_clock::now();
    do {
      for (int look = 0; look < 64; look++) {
        if (holds()) return true;
      }
      std::this_thread::yield();
    } while (std::chrono::steady_clock::now() - start < std::chrono::microseconds(100));
    return false;
  }

  void work(int thread) {
    for (long seen = 0;;) {
      const auto isAsked = [&] { return turn.load() != seen; };
      comesSoon(isAsked);
      std::unique_lock<std::mutex> lock(state);
      start.wait(lock, isAsked);
      seen = turn.load();
      const auto job = current;
      lock.unlock();
      if (!job->take(thread)) continue;
      // So that it is not between the caller's look and its sleep.
      lock.lock();
      lock.unlock();
      done.notify_one();
    }
  }

  const int workers;
  std::mutex callers, state;
  std::condition_variable start, done;
  std::shared_ptr<Job> current;
  std::atomic<long> turn{0};
};

} // namespace metric_learning
