// GGUF files for tests, written byte by byte from the format's description, so that they may be wrong in any
// way.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace yore::foreign {

class GgufBytes {
 public:
  template <class T>
  static std::string raw(T x) {
    return {reinterpret_cast<const char*>(&x), sizeof x};
  }
  static std::string text(const std::string& s) { return raw<std::uint64_t>(s.size()) + s; }

  /// A key with its value's type and bytes.
  void key(const std::string& name, std::uint32_t type, const std::string& value) {
    keys_ += text(name) + raw(type) + value;
    ++key_count;
  }
  void key(const std::string& name, std::uint32_t value) { key(name, 4, raw(value)); }
  void key(const std::string& name, float value) { key(name, 6, raw(value)); }
  void key(const std::string& name, const std::string& value) { key(name, 8, text(value)); }
  void list(const std::string& name, std::uint32_t item, std::uint64_t count, const std::string& items) {
    key(name, 9, raw(item) + raw(count) + items);
  }
  void texts(const std::string& name, const std::vector<std::string>& values) {
    std::string all;
    for (const std::string& value : values) all += text(value);
    list(name, 8, values.size(), all);
  }
  /// A tensor with its dimensions as the file has them, those of neighbours first.
  void tensor(const std::string& name, const std::vector<std::uint64_t>& dims, std::uint32_t type,
              std::uint64_t offset) {
    tensors_ += text(name) + raw(static_cast<std::uint32_t>(dims.size()));
    for (const std::uint64_t n : dims) tensors_ += raw(n);
    tensors_ += raw(type) + raw(offset);
    ++tensor_count;
  }

  std::string bytes(const std::string& data = "") const {
    std::string all = magic + raw(version) + raw(tensor_count) + raw(key_count) + keys_ + tensors_;
    all.resize((all.size() + alignment - 1) / alignment * alignment);
    return all + data;
  }

  std::string magic = "GGUF";
  std::uint32_t version = 3;
  std::uint64_t tensor_count = 0, key_count = 0;  ///< what the header claims; counted by default
  std::size_t alignment = 32;

 private:
  std::string keys_, tensors_;
};

}  // namespace yore::foreign
