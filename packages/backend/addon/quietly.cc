// A Node-API addon that is one function: quietly(callback) runs the callback with standard error pointed at /dev/null.
//
// TensorFlow's library writes to standard error from its static initialisers, before it looks at
// TF_CPP_MIN_LOG_LEVEL, and JavaScript cannot redirect a file descriptor.

#include <fcntl.h>
#include <node_api.h>
#include <unistd.h>

static napi_value Quietly(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value callback, undefined, result = nullptr;
  napi_get_cb_info(env, info, &count, &callback, nullptr, nullptr);
  napi_get_undefined(env, &undefined);

  const int original = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (original >= 0 && nowhere >= 0) dup2(nowhere, STDERR_FILENO);

  // What the callback throws stays pending and reaches the caller.
  napi_call_function(env, undefined, callback, 0, nullptr, &result);

  if (original >= 0) {
    dup2(original, STDERR_FILENO);
    close(original);
  }
  if (nowhere >= 0) close(nowhere);
  return result;
}

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "quietly", NAPI_AUTO_LENGTH, Quietly, nullptr, &function);
  return function;
}
