// What the standard library of Debian 12's Emscripten (LLVM 14) lacks of C++20, as far as yore uses it.
// Included before every file of the page (CMakeLists.txt); empty with a library that has it all. Standing in
// for the standard library inside its own namespace is nothing a program may do in general; with this one
// release it is known to fit.
#pragma once
#include <version>

#if defined(_LIBCPP_VERSION) && _LIBCPP_VERSION < 15000
#include <charconv>
#include <compare>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace std {

template <class To, class From>
To bit_cast(const From& from) noexcept {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  memcpy(&to, &from, sizeof(to));
  return to;
}

template <class T>
auto operator<=>(const vector<T>& a, const vector<T>& b) {
  using Order = decltype(a[0] <=> b[0]);
  for (size_t i = 0; i < a.size() && i < b.size(); ++i)
    if (const Order order = a[i] <=> b[i]; order != 0) return order;
  return Order(a.size() <=> b.size());
}

// As from_chars does: no blanks, no plus sign, no hexadecimal digits.
inline from_chars_result from_chars(const char* first, const char* last, double& value) {
  size_t length = 0;
  while (first + length != last && strchr("0123456789.eE+-infatyINFATY", first[length]) != nullptr) ++length;
  const string text(first, length);
  char* end = nullptr;
  const double read = strtod(text.c_str(), &end);
  if (end == text.c_str() || text[0] == '+') return {first, errc::invalid_argument};
  value = read;
  return {first + (end - text.c_str()), errc()};
}

}  // namespace std
#endif
