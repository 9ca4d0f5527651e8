#include "yore/base/checksum.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>

#include "yore/base/error.h"

namespace yore::base {
namespace {

constexpr std::uint64_t kPolynomial = 0xC96C5795D7870F42;  // ECMA-182, lowest bit first
constexpr std::size_t kAtOnce = 8;                         // bytes

// table[k][b]: the remainder of byte b with k zero bytes after it, so that eight bytes need no waiting for
// one another ("slicing by 8", Kounavis & Berry 2005).
constexpr auto kTables = [] {
  std::array<std::array<std::uint64_t, 256>, kAtOnce> tables{};
  for (std::size_t b = 0; b < 256; ++b) {
    std::uint64_t r = b;
    for (int bit = 0; bit < 8; ++bit) r = (r >> 1) ^ ((r & 1) != 0 ? kPolynomial : 0);
    tables[0][b] = r;
  }
  for (std::size_t k = 1; k < kAtOnce; ++k)
    for (std::size_t b = 0; b < 256; ++b)
      tables[k][b] = (tables[k - 1][b] >> 8) ^ tables[0][tables[k - 1][b] & 0xFF];
  return tables;
}();

/// Eight bytes as a number, the first one lowest.
std::uint64_t little_endian(const char* bytes) {
  std::uint64_t x = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&x, bytes, kAtOnce);  // one load; compilers do not always make one of the loop
  } else {
    for (std::size_t i = 0; i < kAtOnce; ++i)
      x |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return x;
}

}  // namespace

std::uint64_t crc64(std::string_view bytes, std::uint64_t before) {
  std::uint64_t crc = ~before;
  std::size_t at = 0;
  for (; at + kAtOnce <= bytes.size(); at += kAtOnce) {
    crc ^= little_endian(bytes.data() + at);
    std::uint64_t next = 0;
    for (std::size_t i = 0; i < kAtOnce; ++i) next ^= kTables[kAtOnce - 1 - i][crc >> (8 * i) & 0xFF];
    crc = next;
  }
  for (; at < bytes.size(); ++at)
    crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<unsigned char>(bytes[at])) & 0xFF];
  return ~crc;
}

std::string crc64_text(std::uint64_t crc) {
  return fmt::format("{:016x}", crc);
}

Json with_checksum(Json object) {
  const std::string crc = crc64_text(crc64(object.dump()));
  object[kChecksum] = crc;
  return object;
}

Json without_checksum(Json object, const std::string& source) {
  if (!object.is_object() || !object.contains(kChecksum)) return object;
  const Json said = object[kChecksum];
  object.erase(kChecksum);
  if (said != crc64_text(crc64(object.dump())))
    throw InputError(source, fmt::format("is damaged, or was changed: its content is not what its {} {} was "
                                         "computed of (whoever changed it on purpose takes that line out)",
                                         kChecksum, said.dump()));
  return object;
}

}  // namespace yore::base
