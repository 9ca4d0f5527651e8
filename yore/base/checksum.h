// CRC-64/XZ, against bits that flip on a disk or on the way: any error of up to 64 bits in a row is found,
// any other with a chance of 1 - 2^-64. It does not guard against people.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "yore/base/files.h"

namespace yore::base {

/// CRC-64/XZ (the polynomial of ECMA-182, reflected, as in the .xz format): of "123456789" it is
/// 995dc9bbdf1939fa. Of text in pieces: hand in what the earlier pieces gave, crc64(b, crc64(a)) is that of
/// ab.
std::uint64_t crc64(std::string_view bytes, std::uint64_t before = 0);

/// 16 hexadecimal digits.
std::string crc64_text(std::uint64_t crc);

/// The key under which a JSON object keeps its checksum.
inline constexpr const char* kChecksum = "crc64";

/// The object with kChecksum at its end: the CRC-64 of the rest as compact JSON, so that blanks and line
/// breaks do not count.
Json with_checksum(Json object);
/// Takes the checksum out of an object and checks it. Throws InputError(`source`) if the rest is not what was
/// written. An object without one is left as it is: earlier versions wrote none.
Json without_checksum(Json object, const std::string& source);

}  // namespace yore::base
