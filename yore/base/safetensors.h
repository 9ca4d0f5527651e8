// Named weights on disk in the safetensors format (8-byte little-endian header length, JSON header, raw
// data). Torch-free: the model folder copies to and from tensors.
//
// What is written carries checksums (checksum.h) in its metadata, which other programs read past: kArrayCrcs
// has one of every array's bytes, kWholeCrc one of everything else that is said (names, types, shapes, the
// metadata, the arrays' checksums). Every bit is then covered but blanks between the header's words, and the
// order of arrays. Files without them load too: other programs and earlier versions write none.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace yore::base {

/// One array. `dtype` is a safetensors name ("F32", "F64", "I64", "U8", "BF16", "F16", "I32", "BOOL", ..);
/// `bytes` are little-endian, row-major, exactly product(shape) elements, unless the type is one that
/// dtype_size does not know.
struct NamedArray {
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::string bytes;
  bool operator==(const NamedArray&) const = default;
};

/// The content of one file: arrays by name (written in name order) and the string-to-string metadata.
struct NamedArrays {
  std::map<std::string, NamedArray> arrays;
  std::map<std::string, std::string> metadata;
  bool operator==(const NamedArrays&) const = default;
};

/// Metadata keys of the checksums; they do not appear in NamedArrays::metadata.
inline constexpr const char* kWholeCrc = "yore.crc64";
inline constexpr const char* kArrayCrcs = "yore.crc64.arrays";

/// Bytes per element of a safetensors dtype; 0 for an unknown name.
std::size_t dtype_size(const std::string& dtype);

/// The file's bytes, with checksums. Throws std::invalid_argument when an array's byte count does not fit its
/// shape and dtype.
std::string to_safetensors(const NamedArrays& content);

/// Parses a file's bytes; throws InputError (with `source`) on truncation, overlap, gaps, a name or a field
/// that stands twice, a header that does not begin with { or is not what the format says, an array or
/// metadata that are not what their checksums were computed of (naming the array). An array of a type unknown
/// here is read as it is, since it may be one that nobody asks for. Allocates the arrays and a small multiple
/// of the header, whatever it claims.
NamedArrays parse_safetensors(const std::string& bytes, const std::string& source);

/// write_file(to_safetensors(content)) and read_file + parse.
void write_safetensors(const std::filesystem::path& path, const NamedArrays& content);
NamedArrays read_safetensors(const std::filesystem::path& path);

}  // namespace yore::base
