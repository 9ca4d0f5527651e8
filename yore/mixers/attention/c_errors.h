// How the entries for C report what C++ throws: a status, and a text that yore_last_error() gives.
#pragma once
#include <cstdio>
#include <exception>
#include <new>
#include <stdexcept>

#include "yore/mixers/attention/c_api.h"

namespace yore::mixers {

/// A fixed buffer: saying that memory ran out must not need memory.
inline thread_local char last_c_error[512] = "";

inline int failed(yore_status status, const char* function, const char* why) {
  std::snprintf(last_c_error, sizeof last_c_error, "%s: %s", function, why);
  return status;
}

/// Runs `body` and turns what it throws into a status and a text.
template <class Body>
int guarded(const char* function, const Body& body) noexcept {
  try {
    body();
    return YORE_OK;
  } catch (const std::invalid_argument& e) {
    return failed(YORE_INVALID, function, e.what());
  } catch (const std::length_error& e) {  // past max_tokens
    return failed(YORE_INVALID, function, e.what());
  } catch (const std::bad_alloc&) {
    return failed(YORE_OUT_OF_MEMORY, function, "expected enough memory, got std::bad_alloc");
  } catch (const std::exception& e) {
    return failed(YORE_FAILED, function, e.what());
  } catch (...) {
    return failed(YORE_FAILED, function, "expected no exception, got one of unknown type");
  }
}

}  // namespace yore::mixers
