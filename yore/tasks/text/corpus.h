// Files of bytes as documents for training, validation and test.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace yore::tasks {

struct CorpusFiles {
  /// Paths separated by commas. Without validation (test) files, the end of each training file is kept for
  /// it.
  std::string training, validation, test;
  double validation_fraction = 0, test_fraction = 0;  ///< of each training file; 0 where files are given
};

/// The three parts share no byte: of a training file, training has the first bytes, then come validation and
/// test; and no file is given twice, under whatever name.
class Corpus {
 public:
  /// Reads each file once. Throws InputError naming the file that is missing, empty, the same as another, or
  /// too short for its parts to have two bytes each (a byte to predict needs one before it).
  explicit Corpus(const CorpusFiles& files);
  // The documents are views of the texts that lie here.
  Corpus(const Corpus&) = delete;
  Corpus& operator=(const Corpus&) = delete;

  /// Documents of at least two bytes.
  const std::vector<std::string_view>& training() const { return training_; }
  const std::vector<std::string_view>& validation() const { return validation_; }
  const std::vector<std::string_view>& test() const { return test_; }  ///< perhaps none
  /// Of every file (training, validation, test) its size and its checksum: "12 bytes, fnv1a 03c2..".
  const std::vector<std::string>& identities() const { return identities_; }
  /// Throws InputError naming the first file that is not what `identities` says.
  void check_identities(const std::vector<std::string>& identities) const;

 private:
  std::vector<std::string> paths_, texts_, identities_;
  std::vector<std::string_view> training_, validation_, test_;
};

/// FNV-1a of 64 bits.
std::uint64_t checksum(std::string_view bytes);

}  // namespace yore::tasks
