// A network in words: what each head and hidden unit does, as its weights have it.
#pragma once
#include <string>
#include <vector>

#include "yore/compiler/network.h"

namespace yore::compiler {

/// 2, 0.5, 1e-05: the shortest text that reads back as the number.
std::string number_text(double x);

/// "2 Y a - b + 1"; "0" if there is nothing to add up.
std::string sum_text(const Network& network, const TruthSum& sum);

/// "[2 Y a - b >= 1]", "x5 > 0", or "-2 relu(x5 - 1)" for units of no known shape.
std::string part_text(const Network& network, const Part& part);

/// "lookback 2", "global", "latch" or "at most 3 delta steps a letter".
std::string kind_text(const HeadView& head);
/// "", or where the head looks: "where a is true", "where a is false", "score 3 a - b", "everywhere alike".
std::string focus_text(const Network& network, const HeadView& head);

/// What a coordinate has the delta steps do, line by line: "k = s0 - s1, v = -1".
std::vector<std::string> step_texts(const StepRow& row);

/// "true at a, b": where a place of the embedding is true.
std::string letters_text(const Network& network, const Place& place);

/// One thing that a stage does.
struct Line {
  std::string who;       ///< "head 1", "feed-forward net"
  std::string kind;      ///< of the head
  std::string computes;  ///< how: "Y of a", "[a + Y a >= 2]"
  int place = 0;         ///< what it results in
};

/// What a stage does, place by place; heads first. The embedding's lines tell the letters.
std::vector<Line> lines_of(const Network& network, int stage);

/// "embedding", "block 2: attention", "block 2: feed-forward net", "read-out".
std::string stage_name(const Network& network, int stage);

/// Name and definition of each subformula that is not its own name, and of each that is: in the order of
/// their stages.
struct Name {
  NodeId node = kNever;
  std::string name, definition;  ///< the definition in terms of the other names
  bool shortened = false;        ///< whether the name is not the subformula itself
};
std::vector<Name> names_of(const Network& network);

/// All of it, block by block, line by line.
std::string to_text(const Network& network);

/// Where the model accepts: "x9 (P a) is true", or the sum that must be positive.
std::string read_out_text(const Network& network);

}  // namespace yore::compiler
