// GGUF files, versions 2 and 3, as llama.cpp's programs write them: metadata of typed values, then arrays of
// numbers in ggml's types. Nothing is copied: what is read here points into the file's bytes.
// ggml-org/ggml, docs: gguf
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "yore/foreign/tensors.h"

namespace yore::foreign {

/// The value of one key.
class GgufValue {
 public:
  enum class Type : std::uint32_t {
    Uint8,
    Int8,
    Uint16,
    Int16,
    Uint32,
    Int32,
    Float32,
    Bool,
    String,
    Array,
    Uint64,
    Int64,
    Float64
  };
  /// `bytes`: of a text its characters; of a list all its items; of a number itself.
  GgufValue(Type type, Type item, std::uint64_t count, std::string_view bytes)
      : type_(type), item_(item), count_(count), bytes_(bytes) {}

  bool is_whole() const { return is_whole(type_); }
  bool is_number() const { return is_whole() || type_ == Type::Float32 || type_ == Type::Float64; }
  bool is_flag() const { return type_ == Type::Bool; }
  bool is_text() const { return type_ == Type::String; }
  bool is_list() const { return type_ == Type::Array; }
  /// Of texts, or of numbers and flags; an empty list is both.
  bool is_list_of_texts() const { return is_list() && (count_ == 0 || item_ == Type::String); }
  bool is_list_of_numbers() const { return is_list() && (count_ == 0 || item_ != Type::String); }

  // Of values for which the questions above say yes; std::logic_error otherwise.
  std::int64_t whole() const;  ///< numbers beyond 2^63 - 1 become that
  double number() const;
  bool flag() const;
  std::string_view text() const;
  std::uint64_t count() const { return count_; }  ///< items of a list
  std::vector<std::string_view> texts() const;
  std::vector<double> numbers() const;

  static bool is_whole(Type type) {
    return type != Type::Float32 && type != Type::Float64 && type != Type::Bool && type != Type::String &&
           type != Type::Array;
  }

 private:
  Type type_, item_;
  std::uint64_t count_;
  std::string_view bytes_;
};

struct GgufFile {
  std::uint32_t version = 0;
  std::vector<std::pair<std::string_view, GgufValue>> metadata;  ///< sorted by key
  TensorMap tensors;

  /// Null if there is no such key.
  const GgufValue* find(std::string_view key) const;
};

/// What the bytes, which must outlive it, say. Throws InputError(`source`) naming the key or the tensor:
/// another format or version, a header that ends early, types that the format does not have, keys or tensors
/// that stand twice, tensors that lie outside the file, overlap, are not aligned or have rows that are no
/// whole number of blocks. A tensor of a type whose size is not known here is read without bytes: it may be
/// one that nobody asks for. Allocates no more than the file has bytes, or
/// 64 KiB if it has fewer, whatever it claims.
GgufFile parse_gguf(std::string_view bytes, const std::string& source);

/// Whether the bytes begin as such a file does.
bool is_gguf(std::string_view bytes);

}  // namespace yore::foreign
