#include "yore/base/safetensors.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "yore/base/error.h"
#include "yore/base/files.h"
#include "yore/base/test_scratch.h"

namespace yore::base {
namespace {

NamedArrays sample() {
  NamedArrays content;
  content.metadata = {{"format", "pt"}, {"note", "ä \"quoted\" \\ text"}};
  content.arrays["weight"] = {"F32",
                              {2, 3},
                              std::string("\0\0\x80\x3f"
                                          "abcdefghijklmnopqrst",
                                          24)};
  content.arrays["bias"] = {"F64", {1}, "12345678"};
  content.arrays["scalar"] = {"I64", {}, "abcdefgh"};
  content.arrays["none"] = {"U8", {0, 5}, ""};
  content.arrays["odd"] = {"BOOL", {3}, std::string("\0\1\0", 3)};
  return content;
}

// A file with this header, whatever it says, and `data` after it.
std::string file_with(const std::string& header, const std::string& data = "") {
  std::string bytes(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(header.size() >> (8 * i) & 0xFF);
  return bytes + header + data;
}

TEST(Safetensors, WhatIsWrittenIsRead) {
  const NamedArrays content = sample();
  EXPECT_EQ(parse_safetensors(to_safetensors(content), "t"), content);
  EXPECT_EQ(parse_safetensors(to_safetensors({}), "t"), NamedArrays{});
  const Scratch scratch;
  const std::filesystem::path path = scratch / "content.safetensors";
  write_safetensors(path, content);
  EXPECT_EQ(read_safetensors(path), content);
}

TEST(Safetensors, TheBytesAreTheFormats) {
  NamedArrays content;
  content.arrays["x"] = {"I16", {2}, "abcd"};
  const std::string header = R"({"x":{"dtype":"I16","shape":[2],"data_offsets":[0,4]}})";
  const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
  EXPECT_EQ(to_safetensors(content), file_with(padded, "abcd"));
}

TEST(Safetensors, DataStartsAtAMultipleOfEight) {
  for (int n = 0; n < 20; ++n) {
    NamedArrays content;
    content.arrays[std::string(static_cast<std::size_t>(n) + 1, 'n')] = {"U8", {1}, "!"};
    EXPECT_EQ((to_safetensors(content).size() - 1) % 8, 0u);
  }
}

TEST(Safetensors, AFileCutAnywhereIsRefused) {
  const std::string whole = to_safetensors(sample());
  for (std::size_t n = 0; n < whole.size(); ++n)
    EXPECT_THROW(parse_safetensors(whole.substr(0, n), "cut.safetensors"), InputError) << n;
  EXPECT_THROW(parse_safetensors(whole + "x", "long.safetensors"), InputError);
  try {
    parse_safetensors(whole.substr(0, whole.size() - 1), "cut.safetensors");
    FAIL();
  } catch (const InputError& e) {
    EXPECT_EQ(e.source(), "cut.safetensors");
    EXPECT_NE(e.message().find("truncated"), std::string::npos) << e.message();
  }
}

// A changed byte may give another well-formed file (in the data, or in a name), but never a crash, an endless
// wait, or arrays whose bytes do not fit their shape.
TEST(Safetensors, AnyChangedByteIsRefusedOrHarmless) {
  const std::string whole = to_safetensors(sample());
  int refused = 0, read = 0;
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (int flip : {0x01, 0x02, 0x10, 0x20, 0x40, 0x80, 0xFF}) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      try {
        const NamedArrays content = parse_safetensors(damaged, "damaged");
        ++read;
        to_safetensors(content);  // throws if an array contradicts its shape
      } catch (const InputError&) {
        ++refused;
      }
    }
  EXPECT_GT(refused, 0);
  EXPECT_GT(read, 0);
}

TEST(Safetensors, TheHeadersLengthIsNotBelieved) {
  for (std::uint64_t claim :
       {~std::uint64_t{0}, std::uint64_t{1} << 63, std::uint64_t{100'000'001}, std::uint64_t{3}}) {
    std::string bytes(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(claim >> (8 * i) & 0xFF);
    EXPECT_THROW(parse_safetensors(bytes + "{}", "t"), InputError) << claim;
  }
}

TEST(Safetensors, RefusesHeadersThatAreNotTheFormats) {
  const auto x = [](const std::string& entry) { return R"({"x":)" + entry + "}"; };
  const std::vector<std::string> bad = {
      "",
      "[]",
      "1",
      "null",
      "{",
      "{}x",
      "\xff",
      x("1"),
      x("[]"),
      x("{}"),
      x("null"),
      x(R"({"dtype":"U8","shape":[4]})"),
      x(R"({"dtype":"U8","data_offsets":[0,4]})"),
      x(R"({"shape":[4],"data_offsets":[0,4]})"),
      x(R"({"dtype":8,"shape":[4],"data_offsets":[0,4]})"),
      x(R"({"dtype":"U9","shape":[4],"data_offsets":[0,4]})"),
      x(R"({"dtype":"U8","shape":4,"data_offsets":[0,4]})"),
      x(R"({"dtype":"U8","shape":[-4],"data_offsets":[0,4]})"),
      x(R"({"dtype":"U8","shape":[4.0],"data_offsets":[0,4]})"),
      x(R"({"dtype":"U8","shape":[true],"data_offsets":[0,4]})"),
      x(R"({"dtype":"U8","shape":["4"],"data_offsets":[0,4]})"),
      x(R"({"dtype":"U8","shape":[3],"data_offsets":[0,4]})"),
      x(R"({"dtype":"U16","shape":[4],"data_offsets":[0,4]})"),
      x(R"({"dtype":"U8","shape":[4],"data_offsets":[0,5]})"),
      x(R"({"dtype":"U8","shape":[4],"data_offsets":[4,0]})"),
      x(R"({"dtype":"U8","shape":[4],"data_offsets":[0]})"),
      x(R"({"dtype":"U8","shape":[4],"data_offsets":[0,4,4]})"),
      x(R"({"dtype":"U8","shape":[3],"data_offsets":[1,4]})"),
      x(R"({"dtype":"U8","shape":[4],"data_offsets":[-4,0]})"),
      x(R"({"dtype":"U8","shape":[4],"data_offsets":[0,18446744073709551615]})"),
      x(R"({"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,4]})"),
      x(R"({"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,4]})"),
      R"({"__metadata__":{"a":1},"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})",
      R"({"__metadata__":[],"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})",
      R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}})",
      R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
  };
  for (const auto& header : bad)
    EXPECT_THROW(parse_safetensors(file_with(header, "abcd"), "t"), InputError) << header;
  EXPECT_NO_THROW(
      parse_safetensors(file_with(x(R"({"dtype":"U8","shape":[4],"data_offsets":[0,4]})"), "abcd"), "t"));
}

TEST(Safetensors, ArraysMayStandInAnyOrder) {
  const auto content = parse_safetensors(
      file_with(
          R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})",
          "abcd"),
      "t");
  EXPECT_EQ(content.arrays.at("a").bytes, "cd");
  EXPECT_EQ(content.arrays.at("b").bytes, "ab");
}

TEST(Safetensors, WritingNonsenseIsAProgrammingError) {
  const auto one = [](const std::string& name, NamedArray array) {
    NamedArrays content;
    content.arrays[name] = std::move(array);
    return content;
  };
  EXPECT_THROW(to_safetensors(one("x", {"F32", {2}, "abcd"})), std::invalid_argument);
  EXPECT_THROW(to_safetensors(one("x", {"F99", {1}, "a"})), std::invalid_argument);
  EXPECT_THROW(to_safetensors(one("__metadata__", {"U8", {1}, "a"})), std::invalid_argument);
}

TEST(Safetensors, DtypeSizes) {
  EXPECT_EQ(dtype_size("F64"), 8u);
  EXPECT_EQ(dtype_size("BF16"), 2u);
  EXPECT_EQ(dtype_size("BOOL"), 1u);
  EXPECT_EQ(dtype_size("f32"), 0u);
}

}  // namespace
}  // namespace yore::base
