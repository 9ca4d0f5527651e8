// tokenize json|table|words FILE: reads texts from standard input, one a line in hexadecimal digits, and
// prints the tokenizer itself as one JSON text, then of each text one JSON object: its tokens ("ids";
// "marked" with what stands around a document; "plain" with special tokens read as text), and what they
// decode to in hexadecimal digits ("text"; "bare" without special tokens). A table is a JSON object of
// PieceTable's fields, and "kind": scores or merges. Every text is encoded a second time by what to_json
// wrote; the program fails if that gives other tokens.
#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <stdexcept>

#include "yore/base/files.h"
#include "yore/text/tokenizer.h"

namespace {

using namespace yore;
using base::Json;
using text::PieceTable;
using text::Token;
using text::Tokenizer;

Tokenizer from_table(const Json& json, const std::string& source) {
  PieceTable table;
  table.pieces = json.at("pieces").get<std::vector<std::string>>();
  for (const Json& type : json.value("types", Json::array()))
    table.types.push_back(text::PieceType{type.get<int>()});
  table.scores = json.value("scores", std::vector<float>());
  table.merges = json.value("merges", std::vector<std::string>());
  table.pre = json.value("pre", table.pre);
  table.blank_in_front = json.value("blank_in_front", true);
  if (json.contains("bos")) table.bos = json["bos"].get<Token>();
  if (json.contains("unknown")) table.unknown = json["unknown"].get<Token>();
  table.bos_in_front = json.value("bos_in_front", false);
  return json.at("kind") == "scores" ? Tokenizer::from_scores(table, source)
                                     : Tokenizer::from_merges(table, source);
}

Tokenizer read(const std::string& kind, const std::string& file) {
  if (kind == "json") return Tokenizer::from_json_file(file);
  if (kind == "words") return Tokenizer::words_file(file);
  return from_table(base::read_json(file), file);
}

std::string bytes_of(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

std::string hex(const std::string& bytes) {
  std::string digits;
  for (const char c : bytes) digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return digits;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    const Tokenizer tokenizer = read(argv[1], argv[2]);
    const std::string json = tokenizer.to_json();
    const Tokenizer again = Tokenizer::from_json(json, "to_json");
    fmt::print("{}\n", Json(json).dump());
    for (std::string line; std::getline(std::cin, line);) {
      const std::string given = bytes_of(line);
      const auto ids = tokenizer.encode(given), marked = tokenizer.encode(given, {true, true}),
                 plain = tokenizer.encode(given, {false, false});
      if (again.encode(given) != ids || again.encode(given, {true, true}) != marked ||
          again.encode(given, {false, false}) != plain || again.decode(ids) != tokenizer.decode(ids))
        throw std::logic_error("what to_json wrote encodes in another way: " + line);
      fmt::print("{}\n", Json{{"ids", ids},
                              {"marked", marked},
                              {"plain", plain},
                              {"text", hex(tokenizer.decode(ids))},
                              {"bare", hex(tokenizer.decode(ids, false))}}
                             .dump());
    }
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 1;
  }
  return 0;
}
