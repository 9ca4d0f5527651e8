// What the exported graph knows of words before it looks at letters: where they end, who sees whom, and what
// depends on a letter's place.
#pragma once
#include <string>
#include <vector>

#include "yore/onnx/graph.h"
#include "yore/arch/options.h"
#include "yore/mixers/attention/kinds.h"

namespace yore::onnx {

/// Values (names) of a graph whose input is `tokens` [batch, length]. In the comments n is the length of the
/// longest word with its EOS.
class Places {
 public:
  Places(Graph& graph, const arch::ModelOptions& config, int letters, const std::string& tokens);

  const std::string& words() const { return words_; }    ///< int64 [batch, n], cut after the longest word
  const std::string& end() const { return end_; }        ///< int64 [batch], each row's first EOS
  const std::string& has_end() const { return found_; }  ///< bool [batch], whether there is one
  const std::string& length() const { return length_; }  ///< int64 [1], n

  /// bool [heads or 1, n, n]: whether a query (row) sees a key (column). Row 0 of a strict mask sees none.
  std::string visible(const std::string& name, const mixers::LayerAttention& kind) const;

  /// float [batch, n, width] with what the kind of positions adds to embeddings.
  std::string placed(const std::string& embedding) const;
  /// float [batch, heads, n, dim] turned by place if positions are rotary.
  std::string turned(const std::string& x) const;
  /// float [batch, heads, n, n] less ALiBi's penalty, if positions are that.
  std::string penalised(const std::string& scores) const;

 private:
  std::string waves(const std::string& name, const std::vector<double>& rates,
                    const std::vector<double>& phases) const;
  void prepare_rotary();
  void prepare_alibi();

  Graph& g_;
  const arch::ModelOptions& c_;
  std::string words_, end_, found_, length_, place_, distance_, past_;
  std::string sine_, cosine_, head_axis_, edges_[3];  // rotary
  std::string penalty_;                               // ALiBi
};

}  // namespace yore::onnx
