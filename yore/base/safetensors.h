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
#include <functional>
#include <map>
#include <string>
#include <string_view>
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

/// The same without the bytes: they stand where the file was read or mapped, which must outlive the views.
struct ArrayView {
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::string_view bytes;
};
struct ArrayViews {
  std::map<std::string, ArrayView> arrays;
  std::map<std::string, std::string> metadata;
};

/// An array whose bytes are made when they are asked for, so that a large model is never in memory as a
/// whole.
struct MadeArray {
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::function<std::string()> make;  ///< the same bytes each time
};

/// Metadata keys of the checksums; they do not appear in NamedArrays::metadata.
inline constexpr const char* kWholeCrc = "yore.crc64";
inline constexpr const char* kArrayCrcs = "yore.crc64.arrays";

/// Bytes per element of a safetensors dtype; 0 for an unknown name.
std::size_t dtype_size(const std::string& dtype);

/// The file's bytes, with checksums. Throws std::invalid_argument when an array's byte count does not fit its
/// shape and dtype.
std::string to_safetensors(const NamedArrays& content);

/// Whether the arrays' checksums, if there are some, are held against their bytes, which takes reading all.
enum class Checksums { Checked, Skipped };

/// What a file's bytes say, nothing copied but names and shapes. Throws InputError (with `source`) on
/// truncation, overlap, gaps, a name or a field that stands twice, a header that does not begin with { or is
/// not what the format says, an array or metadata that are not what their checksums were computed of (naming
/// the array). An array of a type unknown here is read as it is, since it may be one that nobody asks for.
/// Allocates a small multiple of the header, whatever it claims.
ArrayViews view_safetensors(std::string_view bytes, const std::string& source,
                            Checksums checksums = Checksums::Checked);
/// The same with copies of the arrays.
NamedArrays parse_safetensors(const std::string& bytes, const std::string& source);

/// write_file(to_safetensors(content)), and its inverse.
void write_safetensors(const std::filesystem::path& path, const NamedArrays& content);
NamedArrays read_safetensors(const std::filesystem::path& path);

/// Writes arrays as they are made, one in memory at a time; each is made twice, for its checksum and to be
/// written. The file is that of to_safetensors() with the same arrays. Throws std::invalid_argument as that
/// does.
void write_safetensors(const std::filesystem::path& path, const std::map<std::string, MadeArray>& arrays,
                       const std::map<std::string, std::string>& metadata);

}  // namespace yore::base
