// What the exported graph knows of sequences before it looks at tokens: where words end, and the tokens'
// places.
#pragma once
#include <string>

#include "yore/arch/model.h"
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
  const std::string& length() const { return sequences_.length; }  ///< int64 [1], n
  const mixers::GraphSequences& sequences() const { return sequences_; }

  /// float [batch, n, width] with what the kind of positions adds to embeddings.
  std::string placed(const std::string& embedding) const;

 private:
  void find_ends(const std::string& tokens);

  Graph& g_;
  const arch::Embedding& e_;
  std::string words_, end_, found_, zero_, one_;
  mixers::GraphSequences sequences_;
};

}  // namespace yore::onnx
