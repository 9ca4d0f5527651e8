#include "yore/base/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "yore/base/checksum.h"
#include "yore/base/error.h"
#include "yore/base/files.h"

namespace yore::base {
namespace {

constexpr std::size_t kLengthBytes = 8;
// The reference implementation refuses longer headers, to keep a broken file from asking for all the memory.
constexpr std::uint64_t kMaxHeader = 100'000'000;

std::uint64_t element_count(const std::vector<std::int64_t>& shape, const std::string& source) {
  std::uint64_t n = 1;
  for (std::int64_t d : shape) {
    if (d < 0) throw InputError(source, "negative dimension in a shape");
    if (d != 0 && n > std::numeric_limits<std::uint64_t>::max() / 16 / static_cast<std::uint64_t>(d))
      throw InputError(source, "a shape whose size overflows");
    n *= static_cast<std::uint64_t>(d);
  }
  return n;
}

// get<int>() would quietly turn 1.5 into 1 and -1 into 2^64 - 1; the format has whole numbers from 0 only.
std::vector<std::uint64_t> whole_numbers(const Json& list, const std::string& source) {
  std::vector<std::uint64_t> numbers;
  if (!list.is_array())
    throw InputError(source, "not a whole safetensors file: a list of numbers was expected in its header");
  for (const Json& number : list) {
    if (!number.is_number_unsigned() ||
        number.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max())
      throw InputError(
          source,
          "not a whole safetensors file: shapes and offsets must be whole numbers from 0 to 2^63 - 1");
    numbers.push_back(number.get<std::uint64_t>());
  }
  return numbers;
}

using Crcs = std::map<std::string, std::string>;  // by array, as text

Crcs array_crcs(const NamedArrays& content) {
  Crcs crcs;
  for (const auto& [name, array] : content.arrays) crcs[name] = crc64_text(crc64(array.bytes));
  return crcs;
}

// Of all that a file says but the bytes of its arrays, whose own checksums stand for them.
std::string whole_crc(const NamedArrays& content, const Crcs& crcs) {
  Json arrays = Json::object();
  for (const auto& [name, array] : content.arrays)
    arrays[name] = {{"dtype", array.dtype}, {"shape", array.shape}, {"crc64", crcs.at(name)}};
  return crc64_text(crc64(Json{{"metadata", content.metadata}, {"arrays", arrays}}.dump()));
}

// Takes the checksums out of the metadata and checks them. One of the two without the other is a damaged
// name.
void check_crcs(NamedArrays& content, const std::string& source) {
  const auto whole = content.metadata.extract(kWholeCrc), arrays = content.metadata.extract(kArrayCrcs);
  if (whole.empty() && arrays.empty()) return;
  const auto refuse = [&](const std::string& what) {
    throw InputError(
        source, fmt::format("is damaged, or was changed by a program that kept its old checksums: {}", what));
  };
  if (whole.empty() || arrays.empty())
    refuse(fmt::format("its metadata have only one of {} and {}", kWholeCrc, kArrayCrcs));
  const Json said = Json::parse(arrays.mapped(), nullptr, false);
  const Crcs crcs = array_crcs(content);
  for (const auto& [name, crc] : crcs)
    if (!said.is_object() || !said.contains(name) || said[name] != crc)
      refuse(fmt::format("array {} is not what its checksum was computed of", name));
  if (said.size() != crcs.size() || whole.mapped() != whole_crc(content, crcs))
    refuse("its header is not what the checksum of the whole was computed of");
}

}  // namespace

std::size_t dtype_size(const std::string& dtype) {
  static const std::map<std::string, std::size_t> sizes = {{"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2},
                                                           {"I64", 8}, {"I32", 4}, {"I16", 2}, {"I8", 1},
                                                           {"U8", 1},  {"BOOL", 1}};
  const auto it = sizes.find(dtype);
  return it == sizes.end() ? 0 : it->second;
}

std::string to_safetensors(const NamedArrays& content) {
  for (const char* ours : {kWholeCrc, kArrayCrcs})
    if (content.metadata.contains(ours))
      throw std::invalid_argument(fmt::format("to_safetensors: the metadata key {} is the checksums'", ours));
  Json header = Json::object();
  const Crcs crcs = array_crcs(content);
  std::map<std::string, std::string> metadata = content.metadata;
  metadata[kArrayCrcs] = Json(crcs).dump();
  metadata[kWholeCrc] = whole_crc(content, crcs);
  header["__metadata__"] = metadata;
  std::size_t offset = 0;
  for (const auto& [name, array] : content.arrays) {
    if (name == "__metadata__")
      throw std::invalid_argument("to_safetensors: the format keeps the name __metadata__ for itself");
    if (array.bytes.size() != element_count(array.shape, name) * dtype_size(array.dtype) ||
        dtype_size(array.dtype) == 0)
      throw std::invalid_argument(
          fmt::format("to_safetensors: {} has {} bytes, not what {} and its shape ask for", name,
                      array.bytes.size(), array.dtype));
    header[name] = {{"dtype", array.dtype},
                    {"shape", array.shape},
                    {"data_offsets", {offset, offset + array.bytes.size()}}};
    offset += array.bytes.size();
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // keeps the data 8-byte aligned, as the format advises
  std::string out(kLengthBytes, '\0');
  for (std::size_t i = 0; i < kLengthBytes; ++i) out[i] = static_cast<char>(text.size() >> (8 * i) & 0xFF);
  out.reserve(kLengthBytes + text.size() + offset);
  out += text;
  for (const auto& [name, array] : content.arrays) out += array.bytes;
  return out;
}

NamedArrays parse_safetensors(const std::string& bytes, const std::string& source) {
  const auto refuse = [&](const std::string& why) {
    throw InputError(source, "not a whole safetensors file: " + why);
  };
  if (bytes.size() < kLengthBytes)
    refuse(fmt::format("{} bytes, the header length alone needs 8", bytes.size()));
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i)
    length |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  if (length > kMaxHeader || length > bytes.size() - kLengthBytes)
    refuse(fmt::format("the header claims {} bytes, the file has {} after its length field", length,
                       bytes.size() - kLengthBytes));
  Json header;
  try {
    header = Json::parse(bytes.substr(kLengthBytes, length));
  } catch (const Json::exception&) {
    refuse("its header is not JSON");
  }
  if (!header.is_object()) refuse("its header is not a JSON object");
  const std::size_t data = kLengthBytes + length;
  NamedArrays content;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> spans;
  try {
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        content.metadata = entry.get<std::map<std::string, std::string>>();
        continue;
      }
      NamedArray array;
      array.dtype = entry.at("dtype").get<std::string>();
      for (std::uint64_t d : whole_numbers(entry.at("shape"), source))
        array.shape.push_back(static_cast<std::int64_t>(d));
      const auto offsets = whole_numbers(entry.at("data_offsets"), source);
      const std::size_t item = dtype_size(array.dtype);
      if (item == 0) refuse(fmt::format("array {} has the unknown dtype {}", name, array.dtype));
      if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > bytes.size() - data)
        refuse(fmt::format("array {} lies outside the file (truncated?)", name));
      if (element_count(array.shape, source) * item != offsets[1] - offsets[0])
        refuse(fmt::format("array {} has {} bytes, its shape and dtype ask for another number", name,
                           offsets[1] - offsets[0]));
      array.bytes = bytes.substr(data + offsets[0], offsets[1] - offsets[0]);
      spans.emplace_back(offsets[0], offsets[1]);
      content.arrays.emplace(name, std::move(array));
    }
  } catch (const Json::exception& e) {
    refuse(fmt::format("its header is not as the format says ({})", e.what()));
  }
  std::sort(spans.begin(), spans.end());
  std::uint64_t end = 0;
  for (const auto& [from, to] : spans) {
    if (from != end) refuse("its arrays overlap or leave a gap");
    end = to;
  }
  if (end != bytes.size() - data) refuse("there are bytes after the last array");
  check_crcs(content, source);
  return content;
}

void write_safetensors(const std::filesystem::path& path, const NamedArrays& content) {
  write_file(path, to_safetensors(content));
}

NamedArrays read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path), path.string());
}

}  // namespace yore::base
