#include "yore/base/safetensors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "yore/base/checksum.h"
#include "yore/base/error.h"
#include "yore/base/files.h"
#include "yore/base/test_allocations.h"
#include "yore/base/test_refusal.h"
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
  // The checksum of the array as xz gives it for "abcd", that of the whole as it gives it for this text.
  const std::string said =
      R"({"metadata":{},"arrays":{"x":{"dtype":"I16","shape":[2],"crc64":"3c9d28596e5960ba"}}})";
  EXPECT_EQ(crc64_text(crc64("abcd")), "3c9d28596e5960ba");
  const std::string header = R"({"__metadata__":{"yore.crc64":")" + crc64_text(crc64(said)) +
                             R"(","yore.crc64.arrays":"{\"x\":\"3c9d28596e5960ba\"}"},)"
                             R"("x":{"dtype":"I16","shape":[2],"data_offsets":[0,4]}})";
  const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
  EXPECT_EQ(to_safetensors(content), file_with(padded, "abcd"));
  EXPECT_EQ(parse_safetensors(file_with(padded, "abcd"), "t"), content);
  EXPECT_EQ(
      parse_safetensors(file_with(R"({"x":{"dtype":"I16","shape":[2],"data_offsets":[0,4]}})", "abcd"), "t"),
      content)
      << "without checksums, as others write it";
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

// What may change unseen are the blanks between the header's words alone; what is read is then the same.
TEST(Safetensors, AnyChangedByteIsRefusedOrHarmless) {
  const NamedArrays content = sample();
  const std::string whole = to_safetensors(content);
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (const int flip : {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF}) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      try {
        EXPECT_EQ(parse_safetensors(damaged, "damaged"), content) << i << " with " << flip;
        EXPECT_TRUE(whole[i] == ' ' && i >= 8) << i << " with " << flip;
      } catch (const InputError&) {
      }
    }
}

TEST(Safetensors, ADamagedArrayIsNamed) {
  const std::string whole = to_safetensors(sample());
  const std::size_t data = whole.size() - 3 - 24 - 8 - 8;  // bias, none, odd, scalar, weight: by name
  const auto damaged = [&](std::size_t at) {
    std::string bytes = whole;
    bytes[data + at] = static_cast<char>(bytes[data + at] ^ 4);
    return refusal<InputError>([&] { parse_safetensors(bytes, "m.safetensors"); });
  };
  EXPECT_NE(damaged(0).find("m.safetensors: is damaged"), std::string::npos) << damaged(0);
  for (const auto& [at, name] : std::vector<std::pair<std::size_t, std::string>>{
           {0, "bias"}, {8, "odd"}, {11, "scalar"}, {42, "weight"}})
    EXPECT_NE(damaged(at).find("array " + name + " "), std::string::npos) << damaged(at);
}

// Another program that keeps the metadata it does not know, and changes nothing, is not in the way.
TEST(Safetensors, ChecksumsDoNotDependOnTheLayout) {
  const std::string whole = to_safetensors(sample());
  const std::size_t length =
      static_cast<unsigned char>(whole[0]) + 256u * static_cast<unsigned char>(whole[1]);
  const Json header = Json::parse(whole.substr(8, length));
  const std::string data = whole.substr(8 + length);
  EXPECT_EQ(parse_safetensors(file_with(header.dump(3), data), "t"), sample());
  Json other = header;
  other["weight"]["shape"] = {3, 2};
  EXPECT_TRUE(refused([&] { parse_safetensors(file_with(other.dump(), data), "t"); }, "its header"));
  for (const char* key : {kWholeCrc, kArrayCrcs}) {
    other = header;
    other["__metadata__"].erase(key);
    EXPECT_TRUE(refused([&] { parse_safetensors(file_with(other.dump(), data), "t"); }, "only one of"))
        << key;
  }
  other["__metadata__"].erase(kWholeCrc);
  other["__metadata__"].erase(kArrayCrcs);
  EXPECT_EQ(parse_safetensors(file_with(other.dump(), data), "t"), sample());
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
      x(R"({"dtype":"U9","shape":[4],"data_offsets":[0,5]})"),
      x(R"({"dtype":"U9","shape":[[4]],"data_offsets":[0,4]})"),
      x(R"({"dtype":"U8","shape":{},"data_offsets":[0,4]})"),
      x(R"({"dtype":["U8"],"shape":[4],"data_offsets":[0,4]})"),
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

// One name with two types over the same bytes would let a checker and a loader see different arrays.
TEST(Safetensors, WhatStandsTwiceIsRefusedByName) {
  const std::string four = R"({"dtype":"U8","shape":[4],"data_offsets":[0,4]})";
  const auto message = [](const std::string& header) {
    return refusal<InputError>([&] { parse_safetensors(file_with(header, "abcd"), "t"); });
  };
  const auto expect = [&](const std::string& header, const std::string& part) {
    EXPECT_NE(message(header).find(part), std::string::npos) << message(header);
  };
  expect(R"({"wq":)" + four + R"(,"wq":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
         "the name wq stands twice");
  expect(R"({"\u0077q":)" + four + R"(,"wq":)" + four + "}", "the name wq stands twice");
  expect(R"({"__metadata__":{},"wq":)" + four + R"(,"__metadata__":{}})",
         "the name __metadata__ stands twice");
  expect(R"({"__metadata__":{"a":"1","a":"2"},"wq":)" + four + "}", "the key a stands twice in __metadata__");
  for (const char* field : {R"("dtype":"I8")", R"("shape":[4])", R"("data_offsets":[0,4])"})
    expect(R"({"wq":{"dtype":"U8","shape":[4],"data_offsets":[0,4],)" + std::string(field) + "}}",
           "array wq has the field " + std::string(field).substr(1, std::string(field).find('"', 1) - 1) +
               " twice");
  // A long name is not repeated whole.
  const std::string long_name(5000, 'n');
  EXPECT_LT(message("{\"" + long_name + "\":" + four + ",\"" + long_name + "\":" + four + "}").size(), 300u);
}

TEST(Safetensors, TheHeaderBeginsWithABrace) {
  const std::string good = R"({"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})";
  for (const char* before : {" ", "\n", "\t", "\xef\xbb\xbf"})
    EXPECT_TRUE(refused([&] { parse_safetensors(file_with(before + good, "abcd"), "t"); },
                        "its header does not begin with {"));
  EXPECT_NO_THROW(parse_safetensors(file_with(good + "   ", "abcd"), "t"));
}

TEST(Safetensors, WhatOthersWriteIsFine) {
  const auto content = parse_safetensors(
      file_with(
          R"({"__metadata__":{},"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"more":{"dtype":[[1.5]]}},)"
          R"("y":{"more":"z","dtype":"F4_OF_TOMORROW","shape":[4],"data_offsets":[2,4]}})",
          "abcd"),
      "t");
  EXPECT_TRUE(content.metadata.empty());
  EXPECT_EQ(content.arrays.at("x").bytes, "ab");
  EXPECT_EQ(content.arrays.at("y"), (NamedArray{"F4_OF_TOMORROW", {4}, "cd"}));
  EXPECT_EQ(parse_safetensors(file_with("{}"), "t"), NamedArrays{});
}

// Beside its arrays, which are as large as the file says and holds, a file may cost a small multiple of its
// header: no more, whatever it claims.
TEST(Safetensors, AHostileHeaderAllocatesLittle) {
  const auto repeated = [](const std::string& before, const std::string& each, const std::string& after) {
    std::string text = before;
    while (text.size() < 200'000) text += each;
    return text + after;
  };
  const std::string entry = R"("dtype":"U8","shape":[4],"data_offsets":[0,4]})";
  std::string many = "{", keys = R"({"__metadata__":{)";
  for (int i = 0; i < 4000; ++i) many += std::to_string(i) + "x";
  for (int i = 0; i < 20'000; ++i) keys += (i == 0 ? "\"" : ",\"") + std::to_string(i) + R"(":"")";
  std::string empty = "{";
  for (int i = 0; i < 4000; ++i)
    empty +=
        (i == 0 ? "\"" : ",\"") + std::to_string(i) + R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  const std::vector<std::string> headers = {
      R"({"x":{"dtype":"F64","shape":[1099511627776],"data_offsets":[0,8796093022208]}})",
      R"({"x":{"dtype":"F9","shape":[1099511627776],"data_offsets":[0,9223372036854775807]}})",
      repeated("{\"x\":", "[", ""),
      repeated("{\"x\":{\"more\":", "[", ""),
      repeated("{\"x\":{\"more\":", "{\"a\":", ""),
      repeated("{\"x\":{\"shape\":[0", ",0", "]}}"),
      repeated("{\"x\":{\"more\":[0", ",0", "]," + entry + "}"),
      repeated("{\"x\":{\"more\":[{}", ",{}", "]," + entry + "}"),
      repeated("{\"", "n", "\":{}}"),
      keys + "}}",
      empty + "}",
      many,
  };
  for (const std::string& header : headers) {
    const std::string file = file_with(header);
    const std::ptrdiff_t before = allocations.peak = allocations.live;
    try {
      parse_safetensors(file, "t");
    } catch (const InputError&) {  // refused or read
    }
    EXPECT_LE(allocations.peak - before, 16 * static_cast<std::ptrdiff_t>(file.size()) + 8192)
        << header.substr(0, 60);
  }
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
  NamedArrays taken;
  taken.metadata[kWholeCrc] = "x";
  EXPECT_THROW(to_safetensors(taken), std::invalid_argument);
}

TEST(Safetensors, DtypeSizes) {
  EXPECT_EQ(dtype_size("F64"), 8u);
  EXPECT_EQ(dtype_size("BF16"), 2u);
  EXPECT_EQ(dtype_size("BOOL"), 1u);
  EXPECT_EQ(dtype_size("f32"), 0u);
}

TEST(Safetensors, ViewsPointIntoTheFile) {
  const NamedArrays content{{{"a", {"F32", {2}, std::string(8, 'x')}}, {"b", {"U8", {3}, "abc"}}},
                            {{"k", "v"}}};
  const std::string bytes = to_safetensors(content);
  const ArrayViews views = view_safetensors(bytes, "x");
  EXPECT_EQ(views.metadata, content.metadata);
  ASSERT_EQ(views.arrays.size(), 2u);
  EXPECT_EQ(views.arrays.at("b").bytes, "abc");
  EXPECT_EQ(views.arrays.at("b").bytes.data(), bytes.data() + bytes.size() - 3);
  // Checksums can be passed over, which a damaged array does not survive otherwise.
  std::string damaged = bytes;
  damaged.back() = 'd';
  EXPECT_TRUE(refused([&] { view_safetensors(damaged, "x"); }, "array b is not what its checksum"));
  EXPECT_EQ(view_safetensors(damaged, "x", Checksums::Skipped).arrays.at("b").bytes, "abd");
}

// Large files are gone through by several threads.
TEST(Safetensors, NoBitOfALargeFileFlipsUnseen) {
  NamedArrays content;
  std::int64_t size = 1;
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    std::string bytes(static_cast<std::size_t>(size), *name);
    content.arrays[name] = {"U8", {size}, std::move(bytes)};
    size = size * 40 + 1;  // to 2.6 MB; twelve more of 3 MB
  }
  for (int i = 0; i < 12; ++i)
    content.arrays["x" + std::to_string(i)] = {"U8", {3'000'000}, std::string(3'000'000, 'x')};
  std::string bytes = to_safetensors(content);
  const ArrayViews views = view_safetensors(bytes, "x");
  for (const auto& [name, view] : views.arrays) {
    EXPECT_EQ(view.bytes, content.arrays.at(name).bytes);
    char& last = bytes[static_cast<std::size_t>(view.bytes.data() - bytes.data()) + view.bytes.size() - 1];
    last = static_cast<char>(last ^ 4);
    EXPECT_TRUE(
        refused([&] { view_safetensors(bytes, "x"); }, "array " + name + " is not what its checksum"));
    last = static_cast<char>(last ^ 4);
  }
  EXPECT_NO_THROW(view_safetensors(bytes, "x"));
}

TEST(Safetensors, ArraysThatAreMadeGiveTheSameFile) {
  const Scratch scratch;
  const NamedArrays content{{{"a", {"F32", {2}, std::string(8, 'x')}}, {"b", {"U8", {3}, "abc"}}},
                            {{"k", "v"}}};
  std::map<std::string, MadeArray> made;
  int alive = 0;
  for (const auto& [name, array] : content.arrays)
    made.emplace(name, MadeArray{array.dtype, array.shape, [&alive, bytes = array.bytes] {
                                   ++alive;
                                   return bytes;
                                 }});
  write_safetensors(scratch / "made", made, content.metadata);
  EXPECT_EQ(read_file(scratch / "made"), to_safetensors(content));
  EXPECT_EQ(alive, 4);
  made.at("b").make = [] { return std::string("ab"); };
  EXPECT_THROW(write_safetensors(scratch / "other", made, {}), std::invalid_argument);
  EXPECT_FALSE(std::filesystem::exists(scratch / "other"));
}

}  // namespace
}  // namespace yore::base
