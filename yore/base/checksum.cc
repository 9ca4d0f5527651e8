#include "yore/base/checksum.h"

#include <fmt/format.h>
#include <lzma.h>

#include "yore/base/error.h"

namespace yore::base {

std::uint64_t crc64(std::string_view bytes, std::uint64_t before) {
  return lzma_crc64(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), before);
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
