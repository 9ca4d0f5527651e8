// What the exported graph knows of sequences before it looks at tokens: where words end, who sees whom, and
// what depends on a token's place.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "yore/arch/model.h"
#include "yore/mixers/attention/options.h"
#include "yore/onnx/graph.h"

namespace yore::onnx {

/// Values (names) of a graph whose input is `tokens` [batch, length]. In the comments n is the length of the
/// longest word with its EOS, where rows are words, and else the length.
class Places {
 public:
  /// Rows are words that end with EOS, the vocabulary's last token, if `words`; else they are taken as they
  /// are.
  Places(Graph& graph, const arch::Embedding& embedding, bool words, const std::string& tokens);

  const std::string& words() const { return words_; }    ///< int64 [batch, n], cut after the longest word
  const std::string& end() const { return end_; }        ///< int64 [batch], each word's first EOS
  const std::string& has_end() const { return found_; }  ///< bool [batch], whether there is one
  const std::string& length() const { return length_; }  ///< int64 [1], n

  /// bool [heads or 1, n, n]: whether a query (row) sees a key (column). Row 0 of a strict mask sees none.
  std::string visible(const std::string& name, const mixers::AttentionOptions& attention);

  /// float [batch, n, width] with what the kind of positions adds to embeddings.
  std::string placed(const std::string& embedding) const;
  /// float [batch, heads, n, dim] turned by place if the layer's positions are rotary.
  std::string turned(const std::string& x, const mixers::AttentionOptions& attention);
  /// float [batch, heads, n, n] less ALiBi's penalty, if the layer's positions are that.
  std::string penalised(const std::string& scores, const mixers::AttentionOptions& attention);

 private:
  /// sin(place * rate + phase) [n, columns]; in double, because far places lose digits in float.
  std::string waves(const std::string& name, const std::vector<double>& rates,
                    const std::vector<double>& phases) const;
  void find_ends(const std::string& tokens);
  /// Whether what has this name is asked for the first time, and must be made.
  bool first(const std::string& name) { return made_.insert(name).second; }
  std::string past(bool strict);

  Graph& g_;
  const arch::Embedding& e_;
  std::string words_, end_, found_, length_, place_, distance_, zero_, one_;
  std::set<std::string> made_;
};

}  // namespace yore::onnx
