// What is taken from JavaScript, and work that is done off its thread.

#pragma once

#include <node_api.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <functional>
#include <initializer_list>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace neighbours {

/** A value of JavaScript that is kept. To be made and deleted in JavaScript's thread. */
class Kept {
 public:
  Kept(napi_env env, napi_value value) : env_(env) { napi_create_reference(env, value, 1, &reference_); }
  Kept(const Kept &) = delete;
  Kept &operator=(const Kept &) = delete;
  ~Kept() { napi_delete_reference(env_, reference_); }
  napi_value value() const {
    napi_value value;
    napi_get_reference_value(env_, reference_, &value);
    return value;
  }

 private:
  napi_env env_;
  napi_ref reference_ = nullptr;
};

using Keeps = std::vector<std::shared_ptr<Kept>>;

/** An object of JavaScript, with values by their names; those that are null are left out. */
inline napi_value objectOf(napi_env env, std::initializer_list<std::pair<const char *, napi_value>> properties) {
  napi_value object;
  napi_create_object(env, &object);
  for (const auto &[name, value] : properties) if (value) napi_set_named_property(env, object, name, value);
  return object;
}

template <typename T>
struct ArrayKind;
template <>
struct ArrayKind<float> { static constexpr napi_typedarray_type type = napi_float32_array; };
template <>
struct ArrayKind<double> { static constexpr napi_typedarray_type type = napi_float64_array; };
template <>
struct ArrayKind<int32_t> { static constexpr napi_typedarray_type type = napi_int32_array; };

/** A typed array: where it is, and how long. Null and 0 for `undefined`. */
template <typename T>
struct Numbers {
  T *at = nullptr;
  size_t count = 0;
};

/** The argument of a call: an object, whose properties are taken by name. What is wrong with one is thrown, as a fault of the caller. */
class Given {
 public:
  Given(napi_env env, napi_callback_info info) : env(env) {
    size_t count = 1;
    napi_get_cb_info(env, info, &count, &object_, nullptr, nullptr);
    napi_valuetype type;
    if (count != 1 || napi_typeof(env, object_, &type) != napi_ok || type != napi_object) throw std::invalid_argument("an object is wanted");
  }

  napi_value value(const char *name) const {
    napi_value value;
    if (napi_get_named_property(env, object_, name, &value) != napi_ok) throw std::invalid_argument(name);
    return value;
  }

  bool has(const char *name) const {
    napi_valuetype type;
    napi_typeof(env, value(name), &type);
    return type != napi_undefined;
  }

  double number(const char *name) const {
    double number;
    if (napi_get_value_double(env, value(name), &number) != napi_ok) throw std::invalid_argument(std::string(name) + " is no number");
    return number;
  }

  size_t count(const char *name) const {
    const double given = number(name);
    if (!(given >= 0 && given < 9007199254740992.0)) throw std::invalid_argument(std::string(name) + " is no count");
    return static_cast<size_t>(given);
  }

  /** How many threads work: one at least. */
  size_t threads() const { return std::max<size_t>(1, count("threads")); }

  bool flag(const char *name) const {
    bool flag;
    if (napi_get_value_bool(env, value(name), &flag) != napi_ok) throw std::invalid_argument(std::string(name) + " is no boolean");
    return flag;
  }

  /** A typed array that stays as long as what keeps it; nothing for `undefined`. */
  template <typename T>
  Numbers<T> numbers(const char *name, Keeps &keeps) const {
    if (!has(name)) return {};
    const napi_value given = value(name);
    napi_typedarray_type type;
    Numbers<T> numbers;
    void *data;
    bool isArray = false;
    napi_is_typedarray(env, given, &isArray);
    if (!isArray || napi_get_typedarray_info(env, given, &type, &numbers.count, &data, nullptr, nullptr) != napi_ok || type != ArrayKind<T>::type) {
      throw std::invalid_argument(std::string(name) + " is an array of another kind");
    }
    numbers.at = static_cast<T *>(data);
    keeps.push_back(std::make_shared<Kept>(env, given));
    return numbers;
  }

  template <typename T>
  std::shared_ptr<T> shared(const char *name) const {
    void *held;
    if (napi_get_value_external(env, value(name), &held) != napi_ok) throw std::invalid_argument(std::string(name) + " is none");
    return *static_cast<std::shared_ptr<T> *>(held);
  }

  napi_env env;

 private:
  napi_value object_;
};

inline void expect(bool holds, const char *otherwise) {
  if (!holds) throw std::invalid_argument(otherwise);
}

/** An object for JavaScript that holds another. */
template <typename T>
napi_value external(napi_env env, std::shared_ptr<T> held) {
  napi_value value;
  napi_create_external(env, new std::shared_ptr<T>(std::move(held)), [](napi_env, void *data, void *) { delete static_cast<std::shared_ptr<T> *>(data); }, nullptr, &value);
  return value;
}

/** A new typed array. */
template <typename T>
napi_value newNumbers(napi_env env, size_t count, T **at) {
  napi_value buffer, array;
  void *data = nullptr;
  if (napi_create_arraybuffer(env, count * sizeof(T), &data, &buffer) != napi_ok) throw std::bad_alloc();
  napi_create_typedarray(env, ArrayKind<T>::type, count, buffer, 0, &array);
  *at = static_cast<T *>(data);
  return array;
}

/** Work in a thread of its own, and what is made of it in JavaScript's. */
struct Task {
  std::function<void()> work;
  std::function<napi_value(napi_env)> result;
  Keeps keeps;
  std::string failure;
  napi_deferred deferred = nullptr;
  napi_async_work handle = nullptr;
};

inline napi_value failureOf(napi_env env, const std::string &message) {
  napi_value text, error;
  napi_create_string_utf8(env, message.c_str(), message.size(), &text);
  napi_create_error(env, nullptr, text, &error);
  return error;
}

/** @returns a promise of the result */
inline napi_value promise(napi_env env, std::unique_ptr<Task> task) {
  napi_value promise, name;
  napi_create_promise(env, &task->deferred, &promise);
  napi_create_string_utf8(env, "neighbours", NAPI_AUTO_LENGTH, &name);
  const auto execute = [](napi_env, void *data) {
    Task *task = static_cast<Task *>(data);
    try {
      task->work();
    } catch (const std::bad_alloc &) {
      task->failure = "out of memory";
    } catch (const std::exception &error) {
      task->failure = error.what();
    }
  };
  const auto complete = [](napi_env env, napi_status, void *data) {
    const std::unique_ptr<Task> task(static_cast<Task *>(data));
    napi_value result = nullptr;
    if (task->failure.empty()) {
      try {
        result = task->result(env);
      } catch (const std::exception &error) {
        task->failure = error.what();
      }
    }
    if (result) napi_resolve_deferred(env, task->deferred, result);
    else napi_reject_deferred(env, task->deferred, failureOf(env, task->failure));
    napi_delete_async_work(env, task->handle);
  };
  napi_create_async_work(env, nullptr, name, execute, complete, task.get(), &task->handle);
  napi_queue_async_work(env, task->handle);
  task.release();
  return promise;
}

inline napi_value undefinedOf(napi_env env) {
  napi_value value;
  napi_get_undefined(env, &value);
  return value;
}

}  // namespace neighbours
